import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RegistryError } from '../../contract/errors.ts'

const SCHEMA_VERSION = 2
/** What leads from each schema to the next; a new database starts with `sqlite.sql`. */
const MIGRATIONS: readonly string[] = [
  // From 1: prompts that their source no longer has.
  'ALTER TABLE prompts ADD COLUMN archived INTEGER NOT NULL DEFAULT 0; ALTER TABLE prompts ADD COLUMN retired TEXT;',
]
const OPEN_TIMEOUT_MS = 5_000

/** Opens the file, makes it and its folder where they are missing, and brings the schema up to date. */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true })
  const database = new DatabaseSync(file, { timeout: OPEN_TIMEOUT_MS, enableForeignKeyConstraints: false })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    migrate(database, file)
    // From here on waiting is done by timers: SQLite's own wait would stop the event loop.
    database.exec('PRAGMA busy_timeout = 0')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function migrate(database: DatabaseSync, file: string): void {
  if (schemaVersion(database) === SCHEMA_VERSION) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = schemaVersion(database)
    if (version > SCHEMA_VERSION) {
      throw new RegistryError(
        'unavailable',
        `The database ${file} was written by a newer Prompt Registry (schema ${version}); upgrade this one.`,
      )
    }
    if (version === 0) database.exec(readFileSync(new URL('../sqlite.sql', import.meta.url), 'utf8'))
    else for (const step of MIGRATIONS.slice(version - 1)) database.exec(step)
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
}

/** Several reads at one moment, also where another process writes. */
export function atOneMoment<T>(database: DatabaseSync, read: () => T): T {
  database.exec('BEGIN')
  try {
    return read()
  } finally {
    database.exec('COMMIT')
  }
}
