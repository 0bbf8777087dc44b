import { expect, test } from 'vitest'
import { openSqliteStore } from '../../api/store/sqlite/index.ts'
import { checkSets } from '../support/sets/check-sets.ts'

test('readers never see half of a release, whoever is killed and whatever people do', async () => {
  const seeds = (process.env.SEEDS ?? '1,2,3').split(',').map(Number)
  const ends = await checkSets(() => openSqliteStore({ file: ':memory:' }), seeds, {
    ...{ releases: 20, prompts: 8, reading: 0.2 },
  })
  console.log(ends)
  for (const end of ['killed', 'a batch', 'a session', 'rollback', 'revoke', 'hold', 'transfer', 'rollbackSource'])
    expect(ends.get(end) ?? 0, end).toBeGreaterThan(0)
}, 240_000)
