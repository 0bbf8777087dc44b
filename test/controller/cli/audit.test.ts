import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditRow } from '../../../api/contract/audit/audit-row.ts'
import { release } from '../../support/registry.ts'
import { configure, makeCli, openEmbedded, words } from './cli-under-test.ts'

/** Two releases and a rollback of `support/a`, and a release of `b`. */
async function makeReleases() {
  const cli = await makeCli()
  await cli.withApi(async (api) => {
    await release(api, 'support/a', '1.0.0')
    await release(api, 'support/a', '1.1.0')
    await api.rollback('support/a', { reason: 'too chatty' })
    await release(api, 'b', '1.0.0')
  })
  return cli
}

/** The rows of `-o json`, as prompt, release and environment. */
function rowsOf(ran: { json<T>(): T }): string[] {
  const { rows } = ran.json<{ rows: AuditRow[] }>()
  return rows.map(({ prompt_id, release, environment }) => `${prompt_id} ${release} ${environment}`)
}

test('audit shows each stay of a version in service, oldest first', async () => {
  const { run } = await makeReleases()
  const { code, out, err } = await run(words('audit --name production'))
  expect([code, err]).toEqual([0, ''])
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))
  expect(lines[0]).toContain('ASKED')
  expect(
    lines
      .slice(1)
      .map(([environment, prompt, name, , , until, asked]) => [
        environment,
        prompt,
        name,
        until === 'now',
        asked,
      ]),
  ).toEqual([
    ['production', 'support/a', '1.0.0', false, 'promoted by tester'],
    ['production', 'support/a', '1.1.0', false, 'promoted by tester'],
    ['production', 'support/a', '1.0.0', true, 'rolled back by tester'],
    ['production', 'b', '1.0.0', true, 'promoted by tester'],
  ])
})

test('audit of one registry without a name leaves out the environment', async () => {
  const { run } = await makeReleases()
  expect((await run(words('audit'))).out).toMatch(/^PROMPT /)
  expect((await run(words('audit --name production'))).out).toMatch(/^ENVIRONMENT +PROMPT /)
})

test('audit takes a prefix, and a period whose last day counts', async () => {
  const { run } = await makeReleases()
  const today = new Date().toISOString().slice(0, 10)
  const count = async (line: string) => rowsOf(await run(words(`audit -o json ${line}`))).length
  expect(await count('support/')).toBe(3)
  expect(await count(`--from ${today} --to ${today}`)).toBe(4)
  expect(await count('--to 2026-01-01')).toBe(0)
  expect((await run(words('audit --to 2026-01-01'))).err).toBe('Nothing served in this time.\n')
})

test.each([
  ['--from 2026-02-30', 'Use a day in UTC'],
  ['--to yesterday', 'Use a day in UTC'],
  ['--from 2026-01-01T08:00', 'Use a day in UTC'],
  ['--from 2026-02-02 --to 2026-02-01', '--from is not before --to. Swap them.'],
  ['--with https://prompts.example.com', 'Give it a name'],
  ['--with a=x.yaml --with a=y.yaml', 'Two registries have the name "a"'],
  ['--name a --with a=x.yaml', 'Two registries have the name "a"'],
])('audit %s is a usage error', async (line, message) => {
  const { run } = await makeReleases()
  const { code, err } = await run(words(`audit ${line}`))
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})

test('audit covers other registries, each with a token of its own', async () => {
  const { run, folder } = await makeReleases()
  const TOKEN = 'a-secret-of-staging-only'
  const remote = openEmbedded(join(folder, 'remote.db'), [
    { name: 'ci', access: 'admin', sources: [], token: TOKEN },
  ])
  const server = await remote.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    remote.close()
  })
  const env = { PROMPT_REGISTRY_TOKEN: TOKEN }
  await run(words(`push c --version one --registry ${server.url}`), { env, stdin: 'text' })
  await run(words(`promote c one --alias 2.0.0 --registry ${server.url}`), { env })
  const line = words(`audit b --name here --with staging-1=${server.url} -o json`)
  const denied = await run(line, { env })
  expect([denied.code, denied.err]).toEqual([1, expect.stringContaining('[unauthorized]')])
  const all = await run(words(`audit --name here --with staging-1=${server.url} -o json`), {
    env: { PROMPT_REGISTRY_TOKEN_STAGING_1: TOKEN },
  })
  expect(rowsOf(all)).toContain('c 2.0.0 staging-1')
  expect(rowsOf(all)).toContain('b 1.0.0 here')
})

test('audit covers the registry of another configuration', async () => {
  const { run, folder } = await makeReleases()
  await configure(folder, [])
  const { code, err } = await run(words('audit --with other=missing.yaml'))
  expect([code, err]).toEqual([2, expect.stringContaining('missing.yaml does not exist')])
  expect(rowsOf(await run(words('audit b --name here --with other=promptctl.yaml -o json')))).toEqual([
    'b 1.0.0 here',
    'b 1.0.0 other',
  ])
})
