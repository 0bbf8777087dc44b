import { onTestFinished } from 'vitest'
import { createApp } from '../../api/http/app.ts'
import type { Caller } from '../../api/registry/caller.ts'
import type { ClientOptions } from '../../client/index.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { handlerFetch } from '../support/handler-fetch.ts'
import type { TestRegistryOptions } from '../support/registry.ts'
import { SOURCE, withSet } from '../support/sets.ts'
import { fakeTime } from './fake-time.ts'

const READER: Caller = { actor: 'reader', access: 'read', sources: 'any' }
export const TTL_MS = 60_000

interface Network {
  /** Before each request. A rejection is an outage. */
  before(): Promise<void>
  /** Before each response is returned. */
  after(request: Request): Promise<void>
}

/** A client of a real registry, in which a source serves `a` and `b` of release 1.0.0 as a set. */
export async function started(options: TestRegistryOptions = {}, more: Partial<ClientOptions> = {}) {
  const registry = await withSet(options)
  onTestFinished(registry.close)
  const app = createApp({
    registry: registry.registry,
    auth: () => READER,
    log: { error: () => undefined },
    newRequestId: () => 'r1',
  })
  const requests: string[] = []
  const network: Network = { before: async () => {}, after: async () => {} }
  const handle = async (request: Request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`)
    await network.before()
    const response = await app.fetch(request)
    await network.after(request)
    return response
  }
  const time = fakeTime()
  const { clock, setTimer } = time
  const transport = createHttpTransport({ url: 'http://localhost', fetch: handlerFetch(handle), setTimer })
  const client = new PromptRegistryClient({ transport, clock, setTimer, env: {}, ...more })
  return { ...registry, client, time, requests, network }
}

export const POINTER = `GET /sources/${SOURCE}/set`
