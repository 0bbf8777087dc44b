import type { BatchOperation, RegistryApi } from '../../../api/contract/registry-api.ts'
import { fillPrompt, labelOf } from './fill.ts'
import { awsRegistry, callsOf } from './registry.ts'
import { makeWorld } from './world.ts'

type Calls = Readonly<Record<string, number>>

/**
 * Counts the AWS calls of operations on a prompt with `count` versions, each in a new process with empty caches.
 * The emulator copies the whole table for each row of a transaction, so a large table gets only one push.
 */
export async function callsBySize(
  count: number,
  writes: 'all' | 'push' = 'all',
): Promise<Readonly<Record<string, Calls>>> {
  const world = await makeWorld()
  try {
    await fillPrompt(world, awsRegistry(world).admin, 'p', count)
    const calls: Record<string, Calls> = {}
    const measure = async (name: string, run: (api: RegistryApi) => Promise<unknown>) => {
      const { admin } = awsRegistry(world)
      calls[name] = await callsOf(world, () => run(admin))
    }
    await measure('resolve', (api) => api.resolve('p'))
    await measure('resolve a label', (api) => api.resolve(`p@${labelOf(count)}`, { mode: 'dev' }))
    await measure('list', (api) => api.list())
    await measure('a page of versions', (api) => api.versions('p', { limit: 20 }))
    await measure('a page of events', (api) => api.events('p', { limit: 20 }))
    await measure('push', (api) => api.push({ prompt_id: 'p', content: 'new', version: 'new' }))
    if (writes === 'push') return calls
    await measure('promote', (api) => api.promote('p', { version: 'new', alias: '1.0.0' }))
    await measure('roll back', (api) => api.rollback('p', {}))
    await measure('revoke', (api) => api.revoke('p', { version: 'new' }))
    const removing = (operation: BatchOperation) => (api: RegistryApi) =>
      api.batch({ operations: [operation] })
    await measure('archive', removing({ op: 'archive', prompt_id: 'p', archived: true }))
    await awsRegistry(world).admin.unhold('p', {})
    await measure('retire', removing({ op: 'retire', prompt_id: 'p', release: '9.0.0' }))
    await measure('hold', (api) => api.hold('p', {}))
    return calls
  } finally {
    await world.close()
  }
}

/** The maximum number of calls, for any size. */
export const EXPECTED_CALLS: Readonly<Record<string, Calls>> = {
  resolve: { GetItem: 1, GetObject: 1 },
  'resolve a label': { BatchGetItem: 1, GetObject: 1 },
  list: { Query: 1 },
  'a page of events': { GetItem: 1, Query: 1 },
  push: { GetItem: 1, BatchGetItem: 1, PutObject: 1, TransactWriteItems: 1 },
  promote: { GetItem: 1, BatchGetItem: 1, TransactWriteItems: 1 },
  'roll back': { GetItem: 1, BatchGetItem: 1, TransactWriteItems: 1 },
  archive: { GetItem: 1, TransactWriteItems: 1 },
  retire: { GetItem: 1, TransactWriteItems: 1 },
  hold: { GetItem: 1, TransactWriteItems: 1 },
}
