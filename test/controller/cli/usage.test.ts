import { readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { CliRuntime } from '../../../controller/cli/cli-runtime.ts'
import { COMMANDS } from '../../../controller/cli/commands/index.ts'
import { runCli } from '../../../controller/cli/program.ts'
import { configure, dropTables, makeCli, words } from './cli-under-test.ts'

const NAMES = words(
  'init serve sync plan drift lint attest sources console doctor backup restore completion mcp adopt list get files export verify convert versions diff sets events audit reads watch push promote alias rollback revoke hold unhold transfer',
)

test('the help lists every command under headings, in order of need', async () => {
  const { run } = await makeCli()
  const { code, out, err } = await run(['--help'])
  expect([code, err]).toEqual([0, ''])
  const listed = [...out.matchAll(/^ {2}(\w+) .*\S/gm)].map(([, name]) => name)
  expect(listed.filter((name) => name !== 'help')).toEqual(NAMES)
  expect(COMMANDS).toHaveLength(NAMES.length)
})

test.for(NAMES)('%s --help shows the common options and an example', async (name) => {
  const { run } = await makeCli()
  const { code, out, err } = await run([name, '--help'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain(`Usage: promptctl ${name} `)
  for (const option of ['--config', '--registry', '--output', '--help']) expect(out).toContain(option)
  expect(out).toContain(`\n  promptctl ${name}`)
  expect((await run(['help', name])).out).toBe(out)
  const [usage = ''] = out.split('\n')
  for (const [, flag = ''] of out.matchAll(/^ {2}(--\w+ <\w+>).*\(required\)/gm))
    expect(usage).toContain(` ${flag} `)
})

test('without a command, the usage error shows the help', async () => {
  const { run } = await makeCli()
  const { code, out, err } = await run([])
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('Usage: promptctl')
})

test('--version prints the version of the package', async () => {
  const { run } = await makeCli()
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  expect(await run(['--version'])).toMatchObject({ code: 0, out: `${version}\n`, err: '' })
})

test.for([
  ['nosuch', "unknown command 'nosuch'"],
  ['lst', 'Did you mean list?'],
  ['list --nosuch', "unknown option '--nosuch'"],
  ['list -o xml', 'Allowed choices are table, wide, name, json, yaml'],
  ['list --limit 0', 'A limit is a whole number from 1 to 1000'],
  ['list --limit 1001', 'A limit is a whole number from 1 to 1000'],
  ['list --limit ten', 'A limit is a whole number from 1 to 1000'],
  ['list --status shiny', 'Allowed choices are draft, stable, deprecated, revoked'],
  ['convert', 'Name the exported prompt: --openai FILE.'],
  ['get', "missing required argument 'reference'"],
  ['get a b', 'too many arguments'],
  ['promote a', "missing required argument 'version'"],
  ['promote a 1.0.0 --expected-revision -1', 'A revision is a whole number'],
  ['rollback a --hold forever', 'Allowed choices are until_release, until_lifted, none'],
  ['revoke a 1.0.0', "required option '--reason <text>' not specified"],
  ['diff a 1.0.0', 'A diff needs two versions, or none'],
  ['transfer', 'Name a prompt, or use --prefix'],
  ['transfer --prefix a/ b c', 'With --prefix, name only the new source'],
  ['transfer a', 'Use either the name of the new source or --to-none'],
  ['transfer a b --to-none', 'Use either the name of the new source or --to-none'],
  ['sources a --limit 1', 'do not work with a source name'],
  ['serve --port 70000', 'A port is a number from 0 to 65535'],
  ['push a nosuch.md', 'Cannot read nosuch.md: the file does not exist'],
  ['push a .', 'Cannot read .: it is a directory'],
  ['sync', 'The configuration has no sources'],
  ['list --registry nonsense', 'must be an address like http://localhost:8080'],
  ['list --config nosuch.yaml', 'nosuch.yaml does not exist. Check --config'],
  ['list --config nosuch.yaml --registry http://127.0.0.1:9', 'nosuch.yaml does not exist. Check --config'],
] as const)('"promptctl %s" is a usage error with a reason', async ([line, sentence]) => {
  const { run } = await makeCli()
  const { code, out, err } = await run(words(line))
  expect(err).toContain(sentence)
  expect([code, out]).toEqual([2, ''])
})

test.for([
  ['get a//b', 'invalid_prompt_id'],
  ['get a@', 'invalid_reference'],
  ['get a --mode shiny', 'invalid_mode'],
  ['versions a/versions', 'invalid_prompt_id'],
  ['promote a stable', 'invalid_version'],
  ['list --source no/such', 'invalid_request'],
] as const)('"promptctl %s" is a usage error of the registry', async ([line, code]) => {
  const cli = await makeCli()
  await cli.withApi((api) => api.push({ prompt_id: 'a', content: 'text' }))
  const ran = await cli.run(words(line))
  expect(ran.err).toMatch(new RegExp(`^error: .+ \\[${code}\\]\n$`))
  expect([ran.code, ran.out]).toEqual([2, ''])
})

test.for([
  ['sources: {', 'is not valid YAML'],
  ['sources: [{ name: a }]', 'sources[0].repository'],
  ['registry: { url: "http://127.0.0.1:9", tokenEnv: NOT_SET }', 'needs a secret from the variable NOT_SET'],
] as const)('an invalid configuration (%s) is a usage error', async ([yaml, sentence]) => {
  const { folder, run } = await makeCli()
  await writeFile(join(folder, 'promptctl.yaml'), yaml)
  const { code, err } = await run(['list'])
  expect(err).toContain(sentence)
  expect(code).toBe(2)
})

test.for([
  ['get support/traige', 'Did you mean "support/triage"?'],
  ['promote suport/triage 1.0.0', 'Did you mean "support/triage"?'],
  ['get triage', 'Did you mean "support/triage"?'],
  ['get mail/support/triage@1.0.0', 'Did you mean "support/triage"?'],
  ['sync demmo', 'Did you mean "demo"?'],
  ['lint . --source domo', 'Did you mean "demo"?'],
  ['vresions a', 'Did you mean versions?'],
] as const)('"promptctl %s" suggests the name that was meant', async ([line, suggestion]) => {
  const { run, folder, withApi } = await makeCli()
  await withApi((api) => api.push({ prompt_id: 'support/triage', content: 'x' }))
  await configure(folder, ['{ name: demo, repository: ./repo }'])
  const { code, err } = await run(words(line))
  expect([code === 0, err]).toEqual([false, expect.stringContaining(suggestion)])
})

test('a misspelt key of the configuration is an error that suggests the right one', async () => {
  const { run, folder } = await makeCli()
  await configure(folder, ['{ name: demo, repository: ./repo, directorys: [a] }'])
  expect((await run(['plan'])).err).toContain('"directorys". Did you mean "directories"?')
})

test.for(['list', 'get a', 'versions a', 'diff a', 'events a', 'sources', 'sources a'])(
  '"promptctl %s" fails without a registry file, and creates none',
  async (line) => {
    const { folder, run, database } = await makeCli()
    const { code, out, err } = await run(words(line))
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(
      `Registry file ${database} does not exist. Run promptctl serve or promptctl sync first`,
    )
    expect(await readdir(folder)).toEqual([])
  },
)

test('a file that is not a database is a readable error', async () => {
  const { run, database, folder } = await makeCli()
  await mkdir(join(folder, '.promptctl'))
  await writeFile(database, 'this is no database, only a text that is long enough to be looked at'.repeat(20))
  const { code, err } = await run(['list'])
  expect(code).toBe(1)
  expect(err).toMatch(/^error: The registry .+ cannot be opened: .+ \[unusable_registry\]\n$/)
})

test('a database that is not a registry is reported with the missing table', async () => {
  const { run, database, withApi } = await makeCli()
  await withApi((api) => api.push({ prompt_id: 'a', content: 'text' }))
  dropTables(database)
  const { code, out, err } = await run(['list'])
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/^error: The registry .+ cannot be opened: no such table: .+ \[unusable_registry\]\n$/)
})

test('only serve needs the secrets of tokens', async () => {
  const { run, folder, withApi } = await makeCli()
  await withApi((api) => api.push({ prompt_id: 'a', content: 'text' }))
  await configure(folder, [], 'registry: { tokens: [{ name: ci, access: read, env: NOT_SET }] }')
  expect((await run(['list'])).code).toBe(0)
  const served = await run(['serve', '--port', '0'])
  expect(served.code).toBe(2)
  expect(served.err).toContain('the variable NOT_SET')
})

test('a closed pipe is not an error, but any other output error is', async () => {
  const cli = await makeCli()
  await cli.withApi((api) => api.push({ prompt_id: 'a', content: 'text' }))
  const gone = await runInto(cli.folder, Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  expect(gone).toEqual({ code: 0, err: '' })
  const full = await runInto(cli.folder, Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
  expect(full).toEqual({
    code: 1,
    err: 'error: The output could not be written: no space left [output_failed]\n',
  })
})

test('a stopped command reports the signal and exits with 1', async () => {
  const cli = await makeCli()
  await cli.withApi((api) => api.push({ prompt_id: 'a', content: 'text' }))
  const signal = AbortSignal.abort(new Error('stopped by SIGINT'))
  const { code, err, out } = await cli.run(['list'], { signal })
  expect(err).toBe('error: stopped by SIGINT before it finished. Run it again to continue.\n')
  expect([code, out]).toEqual([1, ''])
})

/** Runs `list` with a stdout that fails at the first byte. */
async function runInto(cwd: string, error: Error): Promise<{ code: number; err: string }> {
  let err = ''
  const world: CliRuntime = {
    stdout: new Writable({ write: (_chunk, _encoding, done) => done(error) }),
    stderr: new Writable({
      write(chunk, _encoding, done) {
        err += String(chunk)
        done()
      },
    }),
    stdin: Readable.from([]),
    env: {},
    cwd,
    hostname: 'test-host',
    instance: 'this-process',
    now: Date.now,
    random: () => 0.5,
    pause: async () => {},
    fetch,
    signal: new AbortController().signal,
  }
  return { code: await runCli(['list'], world), err }
}
