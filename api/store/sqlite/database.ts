import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RegistryError } from '../../contract/errors.ts'
import { FIRST_SCHEMA, MIGRATIONS } from './migrations.ts'
import { makeDatabase } from './new-database.ts'
import { makePrivate, makePrivateFolder } from './private-files.ts'
import { SCHEMA } from './schema.ts'

const OPEN_TIMEOUT_MS = 5_000

/**
 * Opens the file, creates it and its folder if missing, and migrates the schema. Only this account can read the
 * file. Throws `unavailable` if the file cannot be a registry.
 */
export function openDatabase(file: string, migrations = MIGRATIONS): DatabaseSync {
  if (file === IN_MEMORY) return inMemory(migrations)
  if (!existsSync(file)) {
    refuseOrphanedLog(file)
    makePrivateFolder(dirname(file))
    makeDatabase(file, newSchema())
  }
  refuseOtherFile(file)
  const database = new DatabaseSync(file, { timeout: OPEN_TIMEOUT_MS, enableForeignKeyConstraints: false })
  try {
    return prepared(database, file, migrations)
  } catch (error) {
    database.close()
    throw error
  }
}

const IN_MEMORY = ':memory:'

function inMemory(migrations: readonly string[]): DatabaseSync {
  const database = new DatabaseSync(IN_MEMORY, { enableForeignKeyConstraints: false })
  database.exec(newSchema())
  return prepared(database, IN_MEMORY, migrations)
}

function newSchema(): string {
  return `${SCHEMA}; PRAGMA user_version = ${FIRST_SCHEMA + MIGRATIONS.length}`
}

function prepared(database: DatabaseSync, file: string, migrations: readonly string[]): DatabaseSync {
  refuse(schemaVersion(database), FIRST_SCHEMA + migrations.length, file)
  // Not before: a wrong path must not change the rights of a file that is no registry.
  if (file !== IN_MEMORY) makePrivate(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
  migrate(database, file, migrations)
  // From here on, timers do the waiting: SQLite's busy timeout would block the event loop. The journal of savepoints
  // is in memory: as a file, it was three quarters of the writes of an import (2,033 MB, now 486, for 46 MB of prompts).
  database.exec('PRAGMA busy_timeout = 0; PRAGMA temp_store = MEMORY')
  return database
}

function migrate(database: DatabaseSync, file: string, migrations: readonly string[]): void {
  const wanted = FIRST_SCHEMA + migrations.length
  if (schemaVersion(database) === wanted) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = schemaVersion(database)
    refuse(version, wanted, file)
    for (const step of migrations.slice(version - FIRST_SCHEMA)) database.exec(step)
    database.exec(`PRAGMA user_version = ${wanted}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

const RESTORE =
  'Restore it from a backup. Without one, move it away and run promptctl sync, which restores everything from git, but not revocations, holds and manual pushes.'

/** An empty file would become an empty registry without revocations and holds. Throws `unavailable`. */
function refuseOtherFile(file: string): void {
  const found = statSync(file)
  if (!found.isFile()) {
    throw new RegistryError(
      'unavailable',
      `The database ${file} is not a file. Set registry.file to the path of a file.`,
    )
  }
  if (found.size > 0) return
  throw new RegistryError('unavailable', `The database ${file} is empty (0 bytes). ${RESTORE}`)
}

/** A log without its database contains the latest commits of a lost one. Throws `unavailable`. */
function refuseOrphanedLog(file: string): void {
  const log = `${file}-wal`
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) === 0) return
  throw new RegistryError(
    'unavailable',
    `The database ${file} is missing, but its log ${log} is there. Put the database back. Without it, move the log away and run promptctl sync, which restores everything from git, but not revocations, holds and manual pushes.`,
  )
}

/** Throws `unavailable`. */
function refuse(version: number, wanted: number, file: string): void {
  if (version > wanted) {
    throw new RegistryError(
      'unavailable',
      `The database ${file} was written by a newer Prompt Registry (schema ${version}); upgrade this one.`,
    )
  }
  if (version === 0) {
    throw new RegistryError('unavailable', `The database ${file} has no registry in it. ${RESTORE}`)
  }
  if (version < FIRST_SCHEMA) {
    throw new RegistryError(
      'unavailable',
      `The database ${file} was written by a preview of the Prompt Registry, which used other labels. Move the file away and run promptctl sync to restore everything from git. Set revocations and holds again.`,
    )
  }
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
}

/** Runs several reads on one consistent state, even if another process writes. */
export function atOneMoment<T>(database: DatabaseSync, read: () => T): T {
  database.exec('BEGIN')
  try {
    return read()
  } finally {
    database.exec('COMMIT')
  }
}
