import type { SetsSetting } from './world.ts'
import { SetsWorld } from './world.ts'
import type { Stores } from './stores.ts'

/** Runs random histories, one for each seed. Returns how often each event happened. */
export async function checkSets(
  open: () => Stores & { close(): void },
  seeds: readonly number[],
  setting: Omit<SetsSetting, 'seed'>,
): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  for (const seed of seeds) {
    const stores = open()
    try {
      const world = new SetsWorld(stores, { ...setting, seed })
      await world.run()
      for (const counts of [world.ends, world.model.seen])
        for (const [end, count] of counts) ends.set(end, (ends.get(end) ?? 0) + count)
    } finally {
      stores.close()
    }
  }
  return ends
}
