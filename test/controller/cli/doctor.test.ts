import { chmod, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { judgeSkew, nodeCheck } from '../../../controller/cli/doctor/machine-checks.ts'
import { createRepository } from '../../support/git-repository.ts'
import { configure, makeCli } from './cli-under-test.ts'

interface Checks {
  readonly checks: readonly { name: string; status: string; message: string; fix: string | null }[]
}

async function withSource(settings = '') {
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  await repository.commit({ 'prompts/a.md': 'Sort.' })
  await repository.tag('v1.0.0')
  await configure(cli.folder, [`{ name: s, repository: ./repo${settings} }`])
  const doctor = async (env: Readonly<Record<string, string>> = {}) => {
    const { code, json } = await cli.run(['doctor', '-o', 'json'], { env })
    const { checks } = json<Checks>()
    return { code, checks, of: (name: string) => checks.find((check) => check.name === name) }
  }
  return { ...cli, doctor }
}

test('an installation that works has no advice', async () => {
  const { run, doctor } = await withSource()
  await run(['sync'])
  const { code, checks, of } = await doctor()
  expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(checks.map(({ name }) => name)).toEqual([
    'node',
    'git',
    'clock',
    'configuration',
    'cache',
    'registry file',
    'registry',
    'source s',
  ])
  expect(of('source s')?.message).toMatch(/repo: branch main at [0-9a-f]{12}, 1 tag$/)
  expect(code).toBe(0)
  expect((await run(['doctor'])).out).toMatch(/^ok {4}node .*\n(?:.*\n)+Everything works\.\n$/)
})

test('a missing configuration is not taken for the layout of a repository', async () => {
  const { run, folder } = await makeCli()
  const advice = async () => {
    const { checks } = (await run(['doctor', '-o', 'json'])).json<Checks>()
    return checks.find(({ name }) => name === 'configuration')?.fix
  }
  expect(await advice()).toBe('Run promptctl init, or name a file with --config.')
  await writeFile(join(folder, '.promptctl.yaml'), 'directories: [texts]')
  expect(await advice()).toMatch(/^\.promptctl\.yaml is another file: .+ Run promptctl init, or name/)
})

test('a registry file that others can read is a warning with the command that mends it', async () => {
  const { run, doctor, database } = await withSource()
  await run(['sync'])
  await chmod(database, 0o644)
  const { code, of } = await doctor()
  expect(of('registry file')).toMatchObject({ status: 'warn', fix: `Run: chmod 600 '${database}'` })
  expect(code).toBe(0)
})

test('a missing secret, a missing repository and a missing git are failures with the next step', async () => {
  const { doctor } = await withSource(', webhook: { host: generic, secretEnv: HOOK }')
  expect((await doctor()).of('webhook s')).toMatchObject({ status: 'fail', message: 'HOOK is not set.' })
  expect((await doctor({ HOOK: 'short' })).of('webhook s')).toMatchObject({ status: 'warn' })
  expect((await doctor({ HOOK: 'x'.repeat(32) })).of('webhook s')).toMatchObject({ status: 'ok' })
  const without = await doctor({ PATH: '/nosuch' })
  expect(without.of('git')).toMatchObject({ status: 'fail', fix: expect.stringContaining('Install git') })
  expect(without.code).toBe(1)
})

test('credentials that are not set are reported for their source only', async () => {
  const { doctor, folder } = await withSource()
  await configure(folder, [
    '{ name: a, repository: ./repo }',
    '{ name: b, repository: "https://127.0.0.1:9/x.git", credentials: { passwordEnv: NOT_SET } }',
  ])
  const { code, of } = await doctor()
  expect(of('source a')?.status).toBe('ok')
  expect(of('source b')).toMatchObject({ status: 'fail', message: expect.stringContaining('NOT_SET') })
  expect(code).toBe(1)
})

test('an invalid configuration ends the checks with its error', async () => {
  const { doctor, folder } = await withSource()
  await configure(folder, ['{ name: a, repo: ./repo }'])
  const { code, checks } = await doctor()
  expect(checks.at(-1)).toMatchObject({ name: 'configuration', status: 'fail' })
  expect(code).toBe(1)
})

test('the clock is compared with the server of the registry', async () => {
  const { doctor, folder } = await withSource()
  const server = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() - 600_000).toUTCString())
    response.setHeader('content-type', 'application/json')
    response.end('{"prompts":[],"next_cursor":null}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  await configure(folder, [], `registry: { url: "http://127.0.0.1:${port}" }`)
  const { of } = await doctor()
  expect(of('clock')).toMatchObject({
    status: 'warn',
    message: expect.stringMatching(/^This clock is 6\d\d s ahead of/),
  })
  expect(of('registry')?.status).toBe('ok')
})

test('small differences of clocks are normal, and old versions of Node are not', () => {
  expect(judgeSkew(-29_000, 'host').status).toBe('ok')
  expect(judgeSkew(-31_000, 'host').message).toBe('This clock is 31 s behind host.')
  expect(nodeCheck('v22.17.0')).toMatchObject({ status: 'fail' })
  expect(nodeCheck('v24.0.0')).toMatchObject({ status: 'ok' })
})

test('a receiver needs a suitable secret, and should have TLS', async () => {
  const { folder, run } = await withSource()
  const receivers = [
    'https://a.example.com/1',
    'https://a.example.com/2',
    'http://b.example.com',
    'http://127.0.0.1:9',
  ]
  const list = receivers.map((url, n) => `{ url: "${url}", secretEnv: HOOK_${n} }`)
  await configure(folder, [], `notify: [${list}]`)
  const HOOK = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const env = { HOOK_0: 'short', HOOK_1: HOOK, HOOK_2: HOOK, HOOK_3: HOOK }
  const { code, out, json } = await run(['doctor', '-o', 'json'], { env })
  const found = json<Checks>().checks.filter(({ name }) => name.startsWith('receiver'))
  expect(found.map(({ name, status }) => `${name}: ${status}`)).toEqual([
    'receiver a.example.com: fail',
    'receiver a.example.com (2): ok',
    'receiver b.example.com: warn',
    'receiver 127.0.0.1:9: ok',
  ])
  expect([code, out]).toEqual([1, expect.not.stringContaining(HOOK)])
})
