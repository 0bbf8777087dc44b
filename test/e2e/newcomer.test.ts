import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createRepository, isolatedGitEnvironment } from '../support/git-repository.ts'
import { scratchFolder } from '../support/scratch.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
/** What a checkout needs to run `npx promptctl` after `npm ci`. */
const CHECKOUT = ['api', 'bin', 'client', 'console', 'controller', 'node_modules', 'package.json']

/** The commands of the section, in two lists: those without output, and those with it. */
async function section(): Promise<{ commands: string[]; shown: { command: string; out: string }[] }> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  const [, text = ''] = readme.split('## Your own prompts\n')
  const [, first = '', second = ''] = /\n((?: {4}\S.*\n)+)\n((?: {4}.*\n)+)/.exec(text) ?? []
  const lines = (block: string) => block.replaceAll(/^ {4}/gm, '').trimEnd()
  const shown = lines(second)
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...out] = step.trimEnd().split('\n')
      return { command, out: out.join('\n') }
    })
  return {
    commands: lines(first)
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '')),
    shown,
  }
}

test("the README leads from a clone to a release of one's own prompts in five commands", async () => {
  const { commands, shown } = await section()
  expect(commands).toHaveLength(5)
  expect(commands.slice(0, 2)).toEqual([
    expect.stringMatching(/^git clone \S+ && cd prompt-registry$/),
    'npm ci',
  ])

  const folder = await scratchFolder()
  const checkout = join(folder, 'prompt-registry')
  await mkdir(checkout)
  for (const name of CHECKOUT) await symlink(join(ROOT, name), join(checkout, name))
  const repository = await createRepository(join(folder, 'support-prompts'))
  await repository.commit({
    'README.md': 'Our prompts.\n',
    'prompts/refund.txt': 'You handle refunds.\n',
    'prompts/triage.md': '---\ndescription: Sorts incoming messages.\n---\nYou sort messages by urgency.\n',
  })

  const env = { ...isolatedGitEnvironment(), HOME: folder, npm_config_offline: 'true' }
  const type = async (command: string) => (await run('sh', ['-c', command], { cwd: checkout, env })).stdout
  const printed: string[] = []
  for (const command of commands.slice(2)) printed.push(await type(command))
  expect(printed[0]).toContain('(prompts/refund.txt becomes refund)')
  expect(printed[2]).toContain('support-prompts: synced at')
  expect(printed[2]).toContain('2 pushed, 2 promoted')
  for (const { command, out } of shown) expect(await type(command)).toMatch(patternOf(out))
}, 300_000)

/** `…` stands for the rest of a cell. */
function patternOf(shown: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^${shown.split('…').map(literal).join('.*')}\n$`)
}
