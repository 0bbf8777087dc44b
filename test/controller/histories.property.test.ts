import { expect, test } from 'vitest'
import { checkHistories, checkRealHistories } from '../support/histories/property.ts'
import { scratchFolder } from '../support/scratch.ts'

/** Far beyond what it takes; a history that fails is run again and again to find the shortest that does. */
const PATIENCE = 240_000

// A property that never gets somewhere shows nothing of it. The seed is fixed, since chance may miss a rare end.
test(
  'a registry follows a repository along its releases through every kind of pass, finding, change and trouble',
  async () => {
    const ends = await checkHistories({ numRuns: 80, seed: 2 })
    const passes = ['first pass: synced', 'changes pass: synced', 'full pass: synced', 'none pass: unchanged']
    const cut = ['changes pass: incomplete', 'none pass: incomplete', 'none pass: failed']
    const masses = ['changes pass: held', 'full pass: held', 'none pass: held']
    const changes = ['pushed', 'promoted', 'named', 'archived', 'moved', 'retired']
    const findings = [
      ...['quarantined', 'refused', 'held', 'nothing_found', 'release_conflict', 'release_unreachable'],
      ...['tag_moved', 'tag_deleted', 'tag_unreachable', 'tag_conflict', 'tag_lower', 'tag_empty'],
      ...['tag_incomplete', 'tag_not_release'],
    ]
    const persons = ['rollback', 'hold', 'unhold', 'revoke'].map((act) => `${act}: done`)
    const troubles = ['kill', 'failure', 'meanwhile'].flatMap((what) =>
      ['listRefs', 'open', 'lease', 'recordSource', 'batch'].flatMap((call) => [
        `${what} before ${call}`,
        `${what} after ${call}`,
      ]),
    )
    for (const end of [...passes, ...cut, ...masses, ...changes, ...findings, ...persons, ...troubles])
      expect(ends.get(end) ?? 0, end).toBeGreaterThan(0)
  },
  PATIENCE,
)

test(
  'a registry follows repositories of git’s own, which those in memory stand for',
  async () => {
    await checkRealHistories(await scratchFolder(), { numRuns: 4 })
  },
  PATIENCE,
)
