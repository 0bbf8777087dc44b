import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { openSqliteStore } from '../../../api/store/sqlite/index.ts'
import { adminApi } from '../../support/admin-api.ts'
import { scratchFolder } from '../../support/scratch.ts'

const NEVER = 2 ** 31 - 1

/** A registry on a socket, with the prompts `a` and `b`. */
async function served({ storeReadsEveryMs = NEVER } = {}) {
  const file = join(await scratchFolder(), 'registry.db')
  const errors: string[] = []
  const registry = openEmbeddedRegistry({
    file,
    storeReadsEveryMs,
    log: { error: (message) => errors.push(message) },
  })
  onTestFinished(registry.close)
  const api = adminApi(registry)
  const versions = { a: await released(api, 'a', '1.0.0'), b: await released(api, 'b', '1.0.0') }
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(server.close)
  const get = (path: string, application?: string, headers = {}) =>
    fetch(server.url + path, {
      headers: {
        ...headers,
        ...(application !== undefined && { 'x-prompt-registry-application': application }),
      },
    })
  const resolve = (references: readonly string[], known = {}) =>
    fetch(`${server.url}/resolve`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-prompt-registry-application': 'batch' },
      body: JSON.stringify({ references, known }),
    }).then((response) => response.json() as Promise<{ results: { etag: string }[] }>)
  return { file, api, server, get, resolve, versions, errors }
}

async function released(api: RegistryApi, id: string, release: string): Promise<string> {
  const { version } = await api.push({ prompt_id: id, content: `${id} ${release}` })
  await api.promote(id, { version, alias: release })
  return version
}

/** `application version reads`, the most reads first. */
const readers = async (api: RegistryApi, id: string) =>
  (await api.reads(id)).readers.map(({ application, release, reads }) => `${application} ${release} ${reads}`)

test('each request for a prompt is counted under the name of its application, kept responses and 304 too', async () => {
  const { api, get, resolve, server, versions } = await served()
  const etag = (await get('/prompts/a', 'triage')).headers.get('etag') ?? ''
  await get('/prompts/a', 'triage')
  expect((await get('/prompts/a', 'triage', { 'if-none-match': etag })).status).toBe(304)
  await get('/prompts/a@1.0.0')
  await get('/prompts/a', 'Not A Name')
  const { results } = await resolve(['a', 'b', 'missing'])
  await resolve(['a', 'missing'], { a: results[0]?.etag })
  expect(await readers(api, 'a'), 'nothing is stored while requests are answered').toEqual([])
  await server.close()
  expect(await readers(api, 'a')).toEqual(['triage 1.0.0 3', 'batch 1.0.0 2', 'unknown 1.0.0 2'])
  expect(await api.reads('b')).toMatchObject({
    reads: 1,
    readers: [{ application: 'batch', version: versions.b, status: 'stable' }],
    days: [{ reads: 1 }],
  })
})

test('neither tools of ours, nor this process, nor lists and failures are counted', async () => {
  const { api, get, server } = await served()
  await get('/prompts/a', 'promptctl')
  await get('/prompts/a', 'promptctl')
  await api.resolve('a')
  await get('/prompts')
  await get('/prompts/a/versions')
  await get('/prompts/a_v9')
  await server.close()
  expect(await readers(api, 'a')).toEqual([])
})

test('the version that was served is counted, also after a release', async () => {
  const { api, get, server } = await served()
  await get('/prompts/a', 'triage')
  await released(api, 'a', '2.0.0')
  await get('/prompts/a', 'triage')
  await get('/prompts/a', 'triage')
  await server.close()
  expect(await readers(api, 'a')).toEqual(['triage 2.0.0 2', 'triage 1.0.0 1'])
})

test('reads are stored while the registry is served', async () => {
  const { api, get, file } = await served({ storeReadsEveryMs: 10 })
  const other = openSqliteStore({ file })
  onTestFinished(other.close)
  const before = other.changes()
  await Promise.all(Array.from({ length: 50 }, (_, n) => get(n % 2 === 0 ? '/prompts/a' : '/prompts/b')))
  await expect
    .poll(async () => (await readers(api, 'a')).concat(await readers(api, 'b')))
    .toEqual(['unknown 1.0.0 25', 'unknown 1.0.0 25'])
  expect(other.changes()).toBeGreaterThan(before)
})

test('a read does not fail while counts cannot be stored, which is logged once', async () => {
  const { file, get, server, errors } = await served({ storeReadsEveryMs: 5 })
  const { DatabaseSync } = await import('node:sqlite')
  const other = new DatabaseSync(file)
  other.exec('DROP TABLE reads')
  other.close()
  await get('/prompts/a')
  await expect.poll(() => errors).toEqual(['counted reads were not stored'])
  expect((await get('/prompts/a')).status).toBe(200)
  await server.close()
  expect(errors).toHaveLength(1)
})

test('a period that is not allowed is refused', async () => {
  const { get } = await served()
  for (const days of ['0', '91', 'x'])
    expect((await get(`/reads?prompt_id=a&days=${days}`)).status, days).toBe(400)
  expect((await get('/reads?prompt_id=none')).status).toBe(404)
})
