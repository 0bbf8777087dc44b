import { execFile, execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { createRepository, isolatedGitEnvironment } from '../../support/git-repository.ts'
import { type CliUnderTest, configure, makeCli, sharedCli, words } from './cli-under-test.ts'

/** promptctl in a pseudo-terminal, where a program behaves as it does for a person. */

const ROOT = process.cwd()
const NODE = join(ROOT, 'node_modules/node/bin/node')
const PROGRAM = [NODE, join(ROOT, 'bin/promptctl.js')]
const PROGRESS = [NODE, join(ROOT, 'test/support/progress-in-terminal.ts')]
const NEVER_ENDS = [NODE, join(ROOT, 'test/support/stopped-in-terminal.ts')]
const ERASE_LINE = '\r\u001b[K'
const hasPython = canRun('python3', ['-c', 'import pty'])
if (!hasPython && process.env.REQUIRE_ALL === '1') throw new Error('Python 3 with pty is needed.')

interface InTerminal {
  readonly columns?: number
  readonly typed?: string
  readonly env?: Readonly<Record<string, string>>
  /** Default: promptctl. */
  readonly program?: readonly string[]
}

async function inTerminal(
  cli: Pick<CliUnderTest, 'folder'>,
  args: readonly string[],
  options: InTerminal = {},
) {
  const { columns = 80, typed = '', env = {}, program = PROGRAM } = options
  const script = join(ROOT, 'test/support/in_terminal.py')
  const environment = { ...isolatedGitEnvironment(), TERM: 'xterm', HOME: cli.folder, ...env }
  const all = [script, String(columns), typed, ...program, ...args]
  const ran = await promisify(execFile)('python3', all, { cwd: cli.folder, env: environment }).catch(
    (error) => error,
  )
  const out = String(ran.stdout).replaceAll('\r\n', '\n')
  return { code: ran.code ?? 0, out, lines: stripVTControlCharacters(out).trimEnd().split('\n') }
}

function canRun(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!hasPython)('in a terminal', () => {
  const shared = sharedCli(async (cli) => {
    await cli.withApi(async (api) => {
      for (const release of ['1.0.0', '1.1.0']) {
        const description = '提示 for a very long conversation with many customers at the same time'
        const { version } = await api.push({
          prompt_id: 'support/mail/triage',
          content: release,
          description,
        })
        await api.promote('support/mail/triage', { version, alias: release })
      }
      await api.push({ prompt_id: 'draft', content: 'x' })
    })
  })

  test.for([
    ['list', 80],
    ['list', 200],
    ['list', 40],
    ['versions support/mail/triage', 80],
    ['events support/mail/triage', 80],
    ['events', 80],
  ] as const)('the table of "%s" fits %i columns, a line for each row', async ([line, columns]) => {
    const { lines, code } = await inTerminal(shared(), words(line), { columns })
    const { out: piped } = await shared().run(words(line))
    expect(code).toBe(0)
    const rows = lines.filter(
      (one) => !one.startsWith('Not shown') && !/^(Later events|is|everything)/.test(one),
    )
    expect(rows.filter((row) => stringWidth(row) > columns)).toEqual([])
    expect(rows.length).toBeGreaterThanOrEqual(piped.trimEnd().split('\n').length)
  })

  test('a narrow terminal drops columns by importance and names them; -o wide shows all', async () => {
    const narrow = await inTerminal(shared(), ['list'], { columns: 80 })
    expect(narrow.lines[0]).toMatch(/^PROMPT +RELEASE +STABLE/)
    expect(narrow.out).toContain('Not shown, for lack of width: ')
    expect(narrow.out).toContain('description')
    const wide = await inTerminal(shared(), words('list -o wide'), { columns: 80 })
    expect(wide.out).toContain('UPDATED (UTC)')
    expect(wide.out).not.toContain('Not shown')
  })

  test('colours have a meaning, and NO_COLOR, a dumb terminal and a pipe have none', async () => {
    const line = words('versions support/mail/triage')
    expect((await inTerminal(shared(), line)).out).toContain('\u001b[32mstable')
    expect((await inTerminal(shared(), line, { env: { NO_COLOR: '1' } })).out).not.toContain('\u001b')
    expect((await inTerminal(shared(), line, { env: { TERM: 'dumb' } })).out).not.toContain('\u001b')
    expect((await shared().run(line)).out).not.toContain('\u001b')
    expect((await inTerminal(shared(), ['get', 'nosuch'])).out).toContain('\u001b[31merror:\u001b[0m Prompt')
  })

  test('revoke asks, and anything but "yes" changes nothing', async () => {
    const revoke = [...words('revoke support/mail/triage 1.0.0 --reason'), 'x']
    const declined = await inTerminal(shared(), revoke, { typed: 'no\n' })
    expect([declined.code, declined.out]).toEqual([1, expect.stringContaining('Nothing was changed.')])
    expect((await shared().run(words('get support/mail/triage@1.0.0'))).out).toBe('1.0.0')
  })

  test.for([80, 200, 30])(
    'progress is one line of at most %i columns, and is gone at the end',
    async (columns) => {
      const { out } = await inTerminal({ folder: ROOT }, [], { columns, program: PROGRESS })
      const drawn = out.split(ERASE_LINE)
      expect(drawn.at(-1)).toBe('The next line.\n')
      expect(drawn).toHaveLength(5)
      expect(drawn.filter((line) => stringWidth(line) >= columns || /\n./.test(line))).toEqual([])
      const bar = columns < 80 ? '' : '[============            ] '
      expect(drawn[2]).toBe(`${bar}demo: 20 of 40 changes`)
    },
  )

  test('Ctrl-C at a question of init writes no configuration', async () => {
    const cli = await makeCli()
    const repository = await createRepository(join(cli.folder, 'repo'))
    await repository.commit({ 'prompts/a.md': 'x' })
    const { code, out } = await inTerminal(cli, ['init', 'repo'], { typed: '^C' })
    expect([code, out]).toEqual([1, expect.stringContaining('stopped by SIGINT before it finished')])
    await expect(createRepository(join(cli.folder, 'other'))).resolves.toBeDefined()
    expect((await cli.run(['sync'])).err).toContain('The configuration has no sources')
  })

  test('while a command stops, it offers a second Ctrl-C, which ends it at once with 130', async () => {
    const { code, lines } = await inTerminal({ folder: ROOT }, [], { typed: '^C^C', program: NEVER_ENDS })
    expect(lines.map((line) => line.replace(/^\^C/, ''))).toEqual([
      'Started.',
      'Stopping. Press Ctrl-C again to stop now.',
      'Stopped now. The next start continues from what is committed.',
    ])
    expect(code).toBe(130)
  })

  test('Ctrl-C in a long sync leaves a state that the next sync completes', async () => {
    const FILES = 600
    const cli = await makeCli()
    const repository = await createRepository(join(cli.folder, 'repo'))
    const files = Array.from(
      { length: FILES },
      (_, index) => [`prompts/p${index}.md`, `text ${index}`] as const,
    )
    await repository.commit(Object.fromEntries(files))
    await repository.tag('v1.0.0')
    await configure(cli.folder, ['{ name: s, repository: ./repo }'])
    const stopped = await inTerminal(cli, ['sync'], { typed: '^C' })
    const { prompts: before } = (await cli.run(words('list -o json'))).json<{ prompts: unknown[] }>()
    expect(before.length).toBeLessThanOrEqual(FILES)
    // A fast machine may finish before the key is read.
    if (stopped.code !== 0) expect(stopped.out).toContain('stopped by SIGINT before it finished')
    expect(await cli.run(['sync'])).toMatchObject({ code: 0 })
    const { prompts } = (await cli.run(words('list -o json'))).json<{
      prompts: { stable_release: string }[]
    }>()
    expect(prompts).toHaveLength(FILES)
    expect(new Set(prompts.map((one) => one.stable_release))).toEqual(new Set(['1.0.0']))
  })
})

describe('in a pipe', () => {
  test('progress is a line each time, without control characters', async () => {
    const [node = '', ...script] = PROGRESS
    const { stderr } = await promisify(execFile)(node, script)
    expect(stderr).toBe(
      'demo: 10 of 40 changes\ndemo: 20 of 40 changes\ndemo: 40 of 40 changes\ndemo: done\nThe next line.\n',
    )
  })

  test('a table has every column, whatever COLUMNS is, and --no-headers leaves out the first line', async () => {
    const cli = await makeCli()
    await cli.withApi((api) => api.push({ prompt_id: 'a', content: 'x', description: 'y'.repeat(55) }))
    const { out } = await cli.run(['list'], { env: { COLUMNS: '20' } })
    expect(out).toContain('y'.repeat(55))
    expect((await cli.run(words('list --no-headers'))).out).not.toContain('PROMPT')
  })

  test('-o name has one name a line, and -o yaml means what -o json means', async () => {
    const cli = await makeCli()
    await cli.withApi(async (api) => {
      await api.push({ prompt_id: 'b/c', content: 'x' })
      await api.push({ prompt_id: 'a', content: 'x\u202ey', description: 'a: b' })
    })
    expect((await cli.run(words('list -o name'))).out).toBe('a\nb/c\n')
    expect((await cli.run(words('versions a -o name'))).out).toMatch(/^[0-9a-f]{12}\n$/)
    const { parse } = await import('yaml')
    for (const line of ['list', 'get a --mode dev', 'get b/c --mode dev']) {
      const yaml = await cli.run(words(`${line} -o yaml`))
      expect(parse(yaml.out)).toEqual((await cli.run(words(`${line} -o json`))).json())
      expect(yaml.out).not.toContain('\u202e')
    }
  })

  test('common options may come before the command', async () => {
    const cli = await makeCli()
    await writeFile(join(cli.folder, 'other.yaml'), 'registry: { file: other.db }')
    await cli.run(words('push a'), { stdin: 'x' })
    const after = await cli.run(words('list -o json --no-headers'))
    expect((await cli.run(words('-o json --no-headers list'))).out).toBe(after.out)
    expect((await cli.run(words('-ojson list'))).out).toBe(after.out)
    expect((await cli.run(words('--config=other.yaml list'))).err).toContain('other.db does not exist')
    expect((await cli.run(words('-o json'))).code).toBe(2)
  })
})
