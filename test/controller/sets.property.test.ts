import { expect, test } from 'vitest'
import { runs } from '../support/fast-check.ts'
import { checkSets, seedsOf } from '../support/sets/check-sets.ts'
import { sqliteStores } from '../support/sets/opened-stores.ts'

/** Each history has 20 releases of 8 prompts. */
const SETTING = { releases: 20, prompts: 8, reading: 0.2 }
const PATIENCE = 240_000

const READ = ['a batch', 'a session', 'a batch: nothing undone', 'a prompt: nothing undone', 'set']
const ACTS = [
  'rollback',
  'revoke',
  'hold',
  'unhold',
  'transfer',
  'rollbackSource',
  'killed',
  'interleaved',
  'settled',
]
const PASSES = ['first pass: synced', 'full pass: synced', 'changes pass: synced', 'none pass: unchanged']

// A property that never gets somewhere shows nothing of it.
test(
  'readers never see half of a release or an undone act, whoever is killed and whatever people do',
  async () => {
    const ends = await checkSets(sqliteStores, seedsOf(runs(3)), SETTING)
    for (const end of [...READ, ...ACTS, ...PASSES]) expect(ends.get(end) ?? 0, end).toBeGreaterThan(0)
  },
  PATIENCE,
)
