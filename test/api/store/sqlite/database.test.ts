import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { checkDatabase } from '../../../../api/store/sqlite/backup.ts'
import { openDatabase } from '../../../../api/store/sqlite/database.ts'
import { openSqliteStore } from '../../../../api/store/sqlite/index.ts'
import { MIGRATIONS } from '../../../../api/store/sqlite/migrations.ts'
import { makeDatabase } from '../../../../api/store/sqlite/new-database.ts'
import { prepareSourceStatements } from '../../../../api/store/sqlite/sources.ts'
import { prepareStatements } from '../../../../api/store/sqlite/statements.ts'
import { SUMMARY_COLUMNS } from '../../../../api/store/sqlite/summary-rows.ts'
import { databaseFile } from '../../../support/registry-processes.ts'
import { scriptedPrompt } from '../../../support/registry-records.ts'

test('a missing file is created, with its folders', async () => {
  const file = join(await databaseFile(), 'in', 'folders', 'registry.db')
  const store = openSqliteStore({ file })
  onTestFinished(store.close)
  expect(await store.prompts.commit(scriptedPrompt('p').push('one'))).toBe(true)
})

test('a database of a newer program is refused and unchanged', async () => {
  const file = await databaseFile()
  openDatabase(file).close()
  const newer = new DatabaseSync(file)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  expect(() => openDatabase(file)).toThrow(
    expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('upgrade') }),
  )
})

test('a file that is not a database is refused, and not overwritten', async () => {
  const file = await databaseFile()
  await writeFile(file, 'a diary, and no database at all\n'.repeat(100))
  expect(() => openDatabase(file)).toThrow('not a database')
  expect(readFileSync(file, 'utf8')).toMatch(/^a diary/)
})

describe('a file that cannot be the previous registry', () => {
  test('an empty one is refused with instructions to restore it, and unchanged', async () => {
    const file = await databaseFile()
    await writeFile(file, '')
    expect(() => openDatabase(file)).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        message: expect.stringMatching(/is empty \(0 bytes\)\. Restore it from a backup/),
      }),
    )
    expect(readFileSync(file)).toHaveLength(0)
  })

  test('a database without a registry in it is refused, whether empty or of another program', async () => {
    for (const tables of ['VACUUM', 'CREATE TABLE bookmarks (url TEXT)']) {
      const file = await databaseFile()
      const other = new DatabaseSync(file)
      other.exec(tables)
      other.close()
      const before = readFileSync(file)
      expect(() => openDatabase(file)).toThrow(/has no registry in it\. Restore it from a backup/)
      expect(readFileSync(file)).toEqual(before)
    }
  })

  test('a log without its database is refused, because an empty registry would overwrite its data', async () => {
    const file = await databaseFile()
    await writeFile(`${file}-wal`, 'the newest commits')
    expect(() => openDatabase(file)).toThrow(/is missing, but its log .*registry\.db-wal is there/)
    expect(readdirSync(dirname(file))).toEqual(['registry.db-wal'])
  })
})

describe('a new database', () => {
  test('gets its name once its schema is complete, and leaves no other files', async () => {
    const file = await databaseFile()
    expect(() => makeDatabase(file, 'CREATE TABLE t (a TEXT); nonsense')).toThrow(/syntax/)
    expect(readdirSync(dirname(file))).toEqual([])
    makeDatabase(file, 'CREATE TABLE t (a TEXT)')
    expect(readdirSync(dirname(file))).toEqual(['registry.db'])
  })

  test('never replaces one that another process created meanwhile', async () => {
    const file = await databaseFile()
    openDatabase(file).close()
    const before = readFileSync(file)
    makeDatabase(file, 'CREATE TABLE t (a TEXT)')
    expect(readFileSync(file)).toEqual(before)
  })
})

test('the database has a write-ahead log that is synced at each commit', async () => {
  const database = openDatabase(await databaseFile())
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
  database.close()
})

describe('reads look up what they return', () => {
  const planOf = (database: DatabaseSync, sql: string) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
      .join('; ')

  test('of one prompt or one source', () => {
    const database = openDatabase(':memory:')
    onTestFinished(() => database.close())
    const reads = Object.values(prepareStatements(database))
      .flatMap((statement) => ('sourceSQL' in statement ? [statement.sourceSQL] : []))
      .filter((sql) => sql.startsWith('SELECT'))
    expect(reads.length).toBeGreaterThan(8)
    for (const sql of reads) expect(planOf(database, sql), sql).not.toMatch(/SCAN|TEMP B-TREE/)
  })

  test('of a prompt that may be settling, in an index that has only the sources that are', () => {
    const sql = vi.spyOn(DatabaseSync.prototype, 'prepare')
    const store = openSqliteStore({ file: ':memory:' })
    onTestFinished(store.close)
    const reads = sql.mock.calls.map(([text]) => text).filter((text) => text.includes('$.settling'))
    const database = openDatabase(':memory:')
    onTestFinished(() => database.close())
    expect(reads.map((text) => planOf(database, text))).toEqual([
      expect.stringMatching(
        /SEARCH prompts USING PRIMARY KEY .*SEARCH set_pointers USING (COVERING )?INDEX settling_sources/,
      ),
    ])
  })

  test('by every column that must be equal, so that none reads all versions of a prompt', () => {
    const database = openDatabase(':memory:')
    onTestFinished(() => database.close())
    const statements = { ...prepareStatements(database), ...prepareSourceStatements(database) }
    for (const statement of Object.values(statements)) {
      if (!('sourceSQL' in statement) || !statement.sourceSQL.startsWith('SELECT')) continue
      const demanded = statement.sourceSQL.match(/ = [?:]/g) ?? []
      const searched = planOf(database, statement.sourceSQL).match(/=\?/g) ?? []
      expect(searched.length, statement.sourceSQL).toBeGreaterThanOrEqual(demanded.length)
    }
  })

  test('of the findings of one code after those of the page before', () => {
    const database = openDatabase(':memory:')
    onTestFinished(() => database.close())
    const { findings, findingsOfCode } = prepareSourceStatements(database)
    expect(planOf(database, findings.sourceSQL)).toContain('(code,kind,subject)>(?,?,?)')
    expect(planOf(database, findingsOfCode.sourceSQL)).toContain('code=? AND (kind,subject)>(?,?)')
  })

  test.for([
    [{ source: false, status: 'none' }, /SEARCH p USING INDEX \S+ \(id>\? AND id<\?\)/],
    [{ source: true, status: 'none' }, /prompts_by_owner \(owner=\? AND id>\? AND id<\?\)/],
    [{ source: false, status: 'other' }, /prompts_by_status \(latest_status=\? AND id>\? AND id<\?\)/],
    [{ source: false, status: 'stable' }, /prompts_with_stable \(id>\? AND id<\?\)/],
    [{ source: true, status: 'stable' }, /prompts_by_owner|prompts_with_stable/],
    [{ source: true, status: 'other' }, /prompts_by_owner|prompts_by_status/],
  ] as const)('of prompts selected by %j', ([filter, index]) => {
    const database = openDatabase(':memory:')
    onTestFinished(() => database.close())
    for (const deleted of [false, true]) {
      const plan = planOf(
        database,
        prepareStatements(database).promptsPage({ columns: SUMMARY_COLUMNS, ...filter, deleted }).sourceSQL,
      )
      expect(plan).toMatch(index)
      expect(plan).not.toMatch(/SCAN|TEMP B-TREE/)
    }
  })
})

test('a database of a preview is refused with instructions, and unchanged', async () => {
  const file = await databaseFile()
  const old = new DatabaseSync(file)
  old.exec('CREATE TABLE prompts (id TEXT); PRAGMA user_version = 2')
  old.close()
  const before = readFileSync(file)
  expect(() => openDatabase(file)).toThrow(
    expect.objectContaining({
      code: 'unavailable',
      message: expect.stringMatching(/Move the file away and run promptctl sync/),
    }),
  )
  expect(readFileSync(file)).toEqual(before)
})

test('a database of an earlier release is migrated once, and keeps its data', async () => {
  const file = await databaseFile()
  const store = openSqliteStore({ file })
  const script = scriptedPrompt('p')
  await store.prompts.commit(script.push('one'))
  store.close()
  const steps = [...MIGRATIONS, 'ALTER TABLE prompts ADD COLUMN note TEXT', 'UPDATE prompts SET note = id']
  for (let times = 0; times < 2; times++) {
    const database = openDatabase(file, steps)
    expect(database.prepare('SELECT note FROM prompts').all()).toEqual([{ note: 'p' }])
    database.close()
  }
  expect(() => openDatabase(file)).toThrow(/newer/)
})

test('prompts of a database without the status of their latest version are listed by it', async () => {
  const file = await databaseFile()
  const store = openSqliteStore({ file })
  await store.prompts.commit(scriptedPrompt('p').push('one'))
  store.close()
  const old = new DatabaseSync(file)
  old.exec('DROP INDEX prompts_by_status; DROP INDEX prompts_with_stable')
  for (const column of ['template_language', 'sidecars', 'text_lost', 'manifest'])
    old.exec(`ALTER TABLE versions DROP COLUMN ${column}`)
  old.exec('ALTER TABLE prompts DROP COLUMN moved_to; DROP TABLE files')
  for (const table of ['sets', 'set_pointers', 'set_moves', 'set_proofs', 'evidence', 'reads'])
    old.exec(`DROP TABLE ${table}`)
  old.exec('ALTER TABLE prompts DROP COLUMN latest_status; PRAGMA user_version = 3')
  old.close()
  const migrated = openSqliteStore({ file })
  onTestFinished(() => migrated.close())
  const found = await migrated.prompts.page({ of: 'prompts', status: 'draft', limit: 5 })
  expect(found.items).toMatchObject([{ head: { promptId: 'p' } }])
})

test('a database of the first release gets every table, column and index of a new one', async () => {
  const file = await databaseFile()
  const old = new DatabaseSync(file)
  old.exec(readFileSync(new URL('schema-3.sql', import.meta.url), 'utf8'))
  old.exec('PRAGMA user_version = 3')
  old.close()
  const [migrated, fresh] = [openDatabase(file), openDatabase(':memory:')]
  onTestFinished(() => {
    for (const database of [migrated, fresh]) database.close()
  })
  expect(layoutOf(migrated)).toEqual(layoutOf(fresh))
})

/** The columns and indexes of each table. A column that was added later comes last, so they are sorted. */
function layoutOf(database: DatabaseSync) {
  const all = (sql: string) => database.prepare(sql).all()
  const columns = all(
    `SELECT t.name AS "table", c.name, c.type, c."notnull" FROM sqlite_schema t JOIN pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.name`,
  )
  const indexes = all(
    "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
  )
  return { columns, indexes }
}

test('a migration that fails leaves the database unchanged', async () => {
  const file = await databaseFile()
  openDatabase(file).close()
  const steps = [...MIGRATIONS, 'ALTER TABLE prompts ADD COLUMN note TEXT', 'nonsense']
  expect(() => openDatabase(file, steps)).toThrow(/syntax/)
  const database = openDatabase(file)
  onTestFinished(() => database.close())
  expect(() => database.prepare('SELECT note FROM prompts')).toThrow(/no such column/)
})

test('a copy of an earlier version is intact without the tables that later ones added', async () => {
  const file = await databaseFile()
  openDatabase(file).close()
  expect(checkDatabase(file)).toMatchObject({ prompts: 0, sets: 0, set_moves: 0, files: 0 })
  const earlier = new DatabaseSync(file)
  earlier.exec('DROP TABLE sets; DROP TABLE set_pointers; DROP TABLE set_moves')
  earlier.close()
  expect(checkDatabase(file)).toMatchObject({ prompts: 0, files: 0 })
  expect(checkDatabase(file)).not.toHaveProperty('sets')
})
