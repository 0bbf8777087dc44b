import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../../api/store/sqlite/database.ts'
import { openSqliteStore } from '../../../../api/store/sqlite/index.ts'
import { databaseFile } from '../../../support/registry-processes.ts'
import { scriptedPrompt } from '../../../support/registry-records.ts'

test('a missing file is made, with its folders', async () => {
  const file = join(await databaseFile(), 'in', 'folders', 'registry.db')
  const store = openSqliteStore({ file })
  onTestFinished(store.close)
  expect(await store.prompts.commit(scriptedPrompt('p').push('one'))).toBe(true)
})

test('a database of a newer program is refused and left alone', async () => {
  const file = await databaseFile()
  openDatabase(file).close()
  const newer = new DatabaseSync(file)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  expect(() => openDatabase(file)).toThrow(
    expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('upgrade') }),
  )
})

test('a file that is no database is refused, and not overwritten', async () => {
  const file = await databaseFile()
  await writeFile(file, 'a diary, and no database at all\n'.repeat(100))
  expect(() => openDatabase(file)).toThrow('not a database')
  expect(readFileSync(file, 'utf8')).toMatch(/^a diary/)
})

test('the database has a write-ahead log that is synced at each commit', async () => {
  const database = openDatabase(await databaseFile())
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  database.close()
})

test('no read of one prompt looks at more rows than it gives', () => {
  const database = openDatabase(':memory:')
  onTestFinished(() => database.close())
  const source = readFileSync(new URL('../../../../api/store/sqlite/statements.ts', import.meta.url), 'utf8')
  const reads = [...source.matchAll(/['`](SELECT[^'`]+)['`]/g)].map(([, sql = '']) => sql)
  expect(reads.length).toBeGreaterThan(8)
  for (const sql of reads) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    const steps = plan.map(({ detail }) => String(detail))
    // The list of all prompts goes along its index; everything else looks up what it wants.
    if (!sql.startsWith('SELECT p.*')) expect(steps.join('; '), sql).not.toMatch(/SCAN|TEMP B-TREE/)
    else expect(steps.join('; '), sql).not.toMatch(/TEMP B-TREE/)
  }
})

test('a database of schema 1 is brought up to date, and keeps what it has', async () => {
  const file = await databaseFile()
  const store = openSqliteStore({ file })
  const script = scriptedPrompt('p')
  await store.prompts.commit(script.push('one'))
  store.close()
  const old = new DatabaseSync(file)
  old.exec('ALTER TABLE prompts DROP COLUMN archived; ALTER TABLE prompts DROP COLUMN retired')
  old.exec('PRAGMA user_version = 1')
  old.close()

  const again = openSqliteStore({ file })
  onTestFinished(again.close)
  expect((await again.prompts.snapshot('p'))?.head).toEqual(script.head())
  const gone = script.amend({ head: { archived: true, retired: '2.0.0' }, events: ['archived'] })
  expect(await again.prompts.commit(gone)).toBe(true)
  expect((await again.prompts.snapshot('p'))?.head).toMatchObject({ archived: true, retired: '2.0.0' })
})
