import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { createRepository } from '../../support/git-repository.ts'
import { read } from '../../support/registry.ts'
import { configure, makeCli } from './cli-under-test.ts'

const TOKEN = 'a-token-of-20-characters'

/** Staging on a socket, with release 1.0.0 of `triage`, and production, which promotes from it. */
async function environments() {
  const staging = await makeCli()
  const repository = await createRepository(join(staging.folder, 'repository'))
  await repository.commit({ 'prompts/triage.md': 'Sort.\n' })
  await repository.tag('v1.0.0')
  await configure(staging.folder, ['name: support\n    repository: ./repository'])
  expect((await staging.run(['sync'])).code).toBe(0)
  const registry = openEmbeddedRegistry({
    file: staging.database,
    storeReadsEveryMs: 10,
    tokens: [{ name: 'production', access: 'read', sources: [], token: TOKEN }],
    log: { error: () => undefined },
  })
  onTestFinished(registry.close)
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(server.close)
  const production = await makeCli()
  const from = `{ registry: staging, url: "${server.url}", tokenEnv: STAGING_TOKEN, minReads: 2 }`
  const source = `name: support\n    repository: ${join(staging.folder, 'repository')}`
  await configure(production.folder, [source], `promotesFrom: ${from}`)
  const sync = (...more: string[]) =>
    production.run(['sync', ...more, '-o', 'json'], { env: { STAGING_TOKEN: TOKEN } })
  const readThere = () =>
    fetch(`${server.url}/prompts/triage`, {
      headers: { authorization: `Bearer ${TOKEN}`, 'x-prompt-registry-application': 'triage-agent' },
    })
  const readsThere = async () => (await staging.withApi((api) => api.reads('triage'))).reads
  const served = () => production.withApi((api) => read(api, 'triage'))
  return { staging, production, server, sync, readThere, readsThere, served }
}

test('a release waits until it was read often enough in the other environment', async () => {
  const { sync, readThere, readsThere, served } = await environments()
  const first = await sync()
  expect(first.code).toBe(0)
  expect(first.out).toContain('waiting_for_soak')
  expect(first.out).toContain('it was read 0 of 2 times in \\"staging\\"')
  expect(await served()).toBe('not_released')
  await readThere()
  await readThere()
  await expect.poll(readsThere).toBe(2)
  const second = await sync('--full')
  expect(second.out).not.toContain('waiting_for_soak')
  expect(await served()).toBe('Sort.\n')
})

test('a release waits while the other environment does not answer, and an admin can let it through', async () => {
  const { production, server, sync, readThere, served } = await environments()
  await readThere()
  await readThere()
  await server.close()
  const { code, out } = await sync()
  expect(code).toBe(0)
  expect(out).toContain('\\"staging\\" cannot be asked about it')
  expect(await served()).toBe('not_released')
  const promote = ['promote', 'triage', '1.0.0', '--override', '--reason', 'urgent']
  expect((await production.run(promote)).code).toBe(0)
  expect(await served()).toBe('Sort.\n')
})

test('without its token, nothing is synced', async () => {
  const { production, served } = await environments()
  const { code, err } = await production.run(['sync'])
  expect([code, err]).toEqual([2, expect.stringContaining('STAGING_TOKEN')])
  expect(await served()).toBe('not_found')
})
