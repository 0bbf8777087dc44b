import { describe, expect, it } from 'vitest'
import { describeOnAws } from '../support/aws/moto.ts'
import { checkSets, seedsOf } from '../support/sets/check-sets.ts'
import { awsStores, sqliteStores } from '../support/sets/opened-stores.ts'

const HOURS = 3_600_000

/** Shows that a run of hours goes on. */
function onRelease(releases: number): void {
  if (releases % 20 === 0) console.log(`${releases} releases`)
}

describe('readers never see half of a release or an undone act', () => {
  // Acts meet on the same few prompts, and meet what earlier ones left.
  it(
    'in 20 histories of 60 releases of 4 prompts',
    async () => {
      const ends = await checkSets(sqliteStores, seedsOf(20), { releases: 60, prompts: 4, reading: 0.1 })
      expect(ends.get('settled')).toBeGreaterThan(1200)
    },
    HOURS,
  )

  it(
    'in 1,000 releases of 300 prompts',
    async () => {
      // Passes that compare everything would take most of the time to read releases that no prompt waits for.
      const setting = { releases: 1000, prompts: 300, reading: 0.002, backfill: 3, onRelease }
      const ends = await checkSets(sqliteStores, seedsOf(1), setting)
      expect(ends.get('settled')).toBeGreaterThan(1000)
    },
    // It took an hour beside other work.
    6 * HOURS,
  )
})

describeOnAws('readers never see half of a release or an undone act on AWS', () => {
  it(
    'in 40 releases of 12 prompts',
    async () => {
      const ends = await checkSets(awsStores, seedsOf(1), {
        releases: 40,
        prompts: 12,
        reading: 0.02,
        onRelease,
      })
      expect(ends.get('settled')).toBeGreaterThan(40)
    },
    HOURS,
  )
})
