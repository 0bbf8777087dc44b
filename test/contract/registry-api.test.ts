import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Access } from '../../api/registry/caller.ts'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { withinDeadline } from '../../client/transport/deadline.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { scratchFolder } from '../support/scratch.ts'
import { API_CASES, everyMethod } from './registry-api.contract.ts'
import { API_FAULTS } from './registry-api.faults.ts'
import type { OpenApi } from './registry-api.harness.ts'

type Adapter = 'direct' | 'HTTP'

const TOKEN = (access: Access) => `${access}-${'token'.repeat(5)}`
const SOURCES = ['git']

/** A real registry, with the adapter to it: in the same process, or over a socket. */
async function opened(adapter: Adapter): Promise<OpenApi> {
  const file = join(await scratchFolder(), 'registry.db')
  const lines: { message: string; facts: Readonly<Record<string, unknown>> }[] = []
  const registry = openEmbeddedRegistry({
    file,
    tokens: (['read', 'write', 'attest', 'admin'] as const).map((access) => {
      return { name: access, access, sources: SOURCES, token: TOKEN(access) }
    }),
    log: { error: (message, facts) => void lines.push({ message, facts }) },
  })
  onTestFinished(() => registry.close())
  if (adapter === 'direct') {
    const api: OpenApi['api'] = (access, timeoutMs = 10_000) =>
      registry.apiFor({ actor: access, access, sources: SOURCES }, (work, { signal }) =>
        withinDeadline(work, { who: 'The registry', timeoutMs, signal }),
      )
    return { api, file, lines }
  }
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close())
  const api: OpenApi['api'] = (access, timeoutMs) =>
    createRegistryApi(
      createHttpTransport({ url: server.url, token: TOKEN(access), timeoutMs, fetch: globalThis.fetch }),
    )
  return { api, file, lines }
}

describe.each(['direct', 'HTTP'] as const)('the registry by the adapter %s', (adapter) => {
  test.each(API_CASES)('$name', async ({ run }) => {
    await run(await opened(adapter))
  })
})

test('both adapters give the same answers', async () => {
  const [direct, http] = await Promise.all(
    (['direct', 'HTTP'] as const).map(async (adapter) => everyMethod((await opened(adapter)).api('admin'))),
  )
  expect(unique(direct)).toStrictEqual(unique(http))
})

/** Without what differs between two runs: ids, times, and numbers that are made from times. */
function unique(answers: unknown): unknown {
  const text = JSON.stringify(answers)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/"etag":"[^,]+",/g, '')
    .replaceAll(/"(sequence|revoked_after)":\d{10,}/g, '"$1":0')
  return JSON.parse(text)
}

describe('the contract of the registry', () => {
  test.each(API_FAULTS)('notices an adapter that $name', async ({ caught, spoil }) => {
    const right = await opened('direct')
    const one = API_CASES.find(({ name }) => name === caught)
    if (one === undefined) throw new Error(`Unknown case "${caught}".`)
    const api: OpenApi['api'] = (...options) => {
      const inner: RegistryApi = right.api(...options)
      return { ...inner, ...spoil(inner, (access) => right.api(access, 500)) }
    }
    await expect(one.run({ ...right, api })).rejects.toThrow()
  })

  test('every case notices some fault', () => {
    const caught = new Set(API_FAULTS.map((fault) => fault.caught))
    expect(API_CASES.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
  })
})
