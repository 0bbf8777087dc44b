import { openSqliteStore } from '../../../api/store/sqlite/index.ts'
import { makeWorld } from '../aws/world.ts'
import type { OpenedStores } from './check-sets.ts'

/** In memory, so all processes share one connection. */
export function sqliteStores(): OpenedStores {
  const store = openSqliteStore({ file: ':memory:' })
  return { open: () => store, close: store.close }
}

/** On the emulator. Each process has a cache of its own. */
export async function awsStores(clock: () => number = Date.now): Promise<OpenedStores> {
  const world = await makeWorld()
  let ids = 0
  const newId = () => `store-${++ids}`
  // A loaded machine makes the emulator slow, and its time says nothing about AWS.
  const retries = { timeout: 20, broken: 20 }
  return { open: () => world.open({ now: clock, newId, retries }), close: world.close }
}
