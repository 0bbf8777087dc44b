import { expect, test } from 'vitest'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'
import fc, { runs } from '../support/fast-check.ts'
import { SetsWorld } from '../support/sets/world.ts'

/** Runs random histories, and returns how often each event happened. */
async function checkSets(numRuns: number): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  const property = fc.asyncProperty(fc.nat(), async (seed) => {
    const stores = openSqliteStore({ file: ':memory:' })
    try {
      const world = new SetsWorld(stores, { seed, releases: 20, prompts: 8, reading: 0.2 })
      await world.run()
      for (const counts of [world.ends, world.model.seen])
        for (const [end, count] of counts) ends.set(end, (ends.get(end) ?? 0) + count)
    } finally {
      stores.close()
    }
  })
  await fc.assert(property, { numRuns })
  return ends
}

test('readers never see half of a release, whoever is killed and whatever people do', async () => {
  const ends = await checkSets(runs(3))
  console.log(ends)
  for (const end of ['killed', 'a batch', 'a session', 'rollback', 'revoke', 'hold', 'transfer', 'rollbackSource'])
    expect(ends.get(end) ?? 0, end).toBeGreaterThan(0)
}, 240_000)
