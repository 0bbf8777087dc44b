import { expect, test } from 'vitest'
import { describeOnAws } from '../support/aws/moto.ts'
import { checkSets, seedsOf } from '../support/sets/check-sets.ts'
import { awsStores } from '../support/sets/opened-stores.ts'

/** 40 releases of 12 prompts are in the long suite. */
const SETTING = { releases: 20, prompts: 8, reading: 0.02 }
const PATIENCE = 1_800_000

describeOnAws('sets on AWS', () => {
  test(
    'readers never see half of a release or an undone act, whoever is killed and whatever people do',
    async () => {
      const ends = await checkSets(awsStores, seedsOf(1), SETTING)
      for (const end of ['a batch', 'a session', 'killed', 'settled', 'rollbackSource'])
        expect(ends.get(end) ?? 0, end).toBeGreaterThan(0)
    },
    PATIENCE,
  )
})
