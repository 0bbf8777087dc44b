import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../../api/store/sqlite/database.ts'
import { openSqliteStore } from '../../../../api/store/sqlite/index.ts'
import { prepareReadStatements } from '../../../../api/store/sqlite/reads.ts'

const read = { promptId: 'p', version: 'v', application: 'a', reads: 1 }

test('an addition removes counts of all prompts that are older than it keeps', async () => {
  const store = openSqliteStore({ file: ':memory:' })
  onTestFinished(store.close)
  await store.reads.add([{ ...read, day: '2026-01-01' }], 30)
  await store.reads.add([{ ...read, promptId: 'q', day: '2026-02-01' }], 30)
  const days = async (id: string) =>
    (await store.reads.list(id, { from: '2000-01-01', limit: 10 })).items.map(({ day }) => day)
  expect(await days('p')).toEqual([])
  expect(await days('q')).toEqual(['2026-02-01'])
})

test('neither a list of a prompt nor the removal of old counts reads all counts', () => {
  const database = openDatabase(':memory:')
  onTestFinished(() => database.close())
  const { list, prune } = prepareReadStatements(database)
  for (const statement of [list, prune]) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${statement.sourceSQL}`).all()
    expect(plan.map(({ detail }) => String(detail)).join(), statement.sourceSQL).toMatch(/SEARCH reads/)
  }
})
