import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createRepository, isolatedGitEnvironment } from '../test/support/git-repository.ts'
import { terminalSvg } from './terminal-svg.ts'

/**
 * Takes the pictures of a terminal in the README from the running product: `node scripts/terminal-pictures.ts [FOLDER]`.
 * Needs Python 3 for the pseudo-terminal.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COLUMNS = 128
const TRIAGE = '---\ndescription: Sorts incoming messages.\n---\nYou sort messages by urgency.\n'
const run = promisify(execFile)

const target = process.argv[2] ?? join(ROOT, 'docs/images')
const folder = await mkdtemp(join(tmpdir(), 'terminal-pictures-'))
try {
  const repository = await createRepository(join(folder, 'support-prompts'))
  await repository.commit({ 'prompts/triage.md': TRIAGE, 'prompts/refund.txt': 'You handle refunds.\n' })
  await repository.tag('v1.0.0')
  await writeFile(
    join(folder, 'promptctl.yaml'),
    'sources:\n  - { name: support, repository: ./support-prompts }\n',
  )
  await promptctl('sync')
  await repository.commit({ 'prompts/triage.md': TRIAGE.replace('urgency', 'urgency, then by date') })
  await mkdir(target, { recursive: true })
  await take('terminal-draft', 'A commit becomes a draft.', ['plan', 'sync', 'diff triage'])
  await repository.tag('triage@1.1.0', { annotated: true })
  await take('terminal-release', 'A tag makes the draft stable, and a rollback takes it back.', [
    'sync',
    'list',
    'rollback triage --reason "too slow"',
  ])
} finally {
  await rm(folder, { recursive: true })
}

/** Runs the commands, and draws what a person sees. */
async function take(name: string, title: string, commands: readonly string[]): Promise<void> {
  const shown: string[] = []
  for (const command of commands)
    shown.push(`\u001b[2m$\u001b[0m \u001b[1mnpx promptctl ${command}\u001b[0m\n${await promptctl(command)}`)
  const output = shown.map((one) => one.trimEnd()).join('\n\n')
  await writeFile(join(target, `${name}.svg`), terminalSvg({ title, columns: COLUMNS, output }))
}

async function promptctl(command: string): Promise<string> {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const program = [process.execPath, join(ROOT, 'bin/promptctl.js')]
  const terminal = [join(ROOT, 'test/support/in_terminal.py'), String(COLUMNS), '']
  // As under `npx`, so that hints show what a person types.
  const env = { ...isolatedGitEnvironment(), TERM: 'xterm', HOME: folder, USER: 'ada', npm_command: 'exec' }
  const { stdout } = await run('python3', [...terminal, ...program, ...words], { cwd: folder, env })
  return stdout.replaceAll('\r\n', '\n')
}
