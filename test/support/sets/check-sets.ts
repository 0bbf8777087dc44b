import type { Stores } from './stores.ts'
import { type SetsSetting, SetsWorld } from './world.ts'

/** Stores for one history. */
export interface OpenedStores {
  /** The stores as a separate process has them. */
  open(): Stores
  close(): void | Promise<void>
}

/** The seeds of this run: the same each time, unless `PROPERTY_SEED` names another first one. */
export function seedsOf(count: number): number[] {
  const named = process.env.PROPERTY_SEED ?? '1'
  const first = named === 'random' ? Date.now() % 2 ** 31 : Number(named)
  return Array.from({ length: count }, (_, n) => first + n)
}

/** Runs random histories, one for each seed. Returns how often each event happened. */
export async function checkSets(
  begin: () => OpenedStores | Promise<OpenedStores>,
  seeds: readonly number[],
  setting: Omit<SetsSetting, 'seed'>,
): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  for (const seed of seeds) {
    const stores = await begin()
    try {
      const world = new SetsWorld(stores.open, { ...setting, seed })
      await world.run()
      for (const counts of [world.ends, world.model.seen])
        for (const [end, count] of counts) ends.set(end, (ends.get(end) ?? 0) + count)
    } finally {
      await stores.close()
    }
  }
  return ends
}
