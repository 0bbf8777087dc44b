import { existsSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { RegistryError } from '../../contract/errors.ts'
import { openDatabase } from './database.ts'

/** Rows by table, to compare a copy with its original. */
export type RowCounts = Readonly<Record<string, number>>

const OPEN_TIMEOUT_MS = 5_000

/**
 * Copies a registry to a new file, as of one moment, while others read and write it. Throws if `to` exists, and
 * `unavailable` if the file is not a registry.
 */
export function copyDatabase(file: string, to: string): void {
  // Checks the schema, and brings an older one up to date.
  const database = openDatabase(file)
  try {
    database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT_MS}`)
    database.prepare('VACUUM INTO ?').run(to)
  } finally {
    database.close()
  }
}

/** Opens a file, has SQLite check every page and index of it, and counts its rows. Throws `unavailable`. */
export function checkDatabase(file: string): RowCounts {
  const database = new DatabaseSync(file, { readOnly: true, enableForeignKeyConstraints: false })
  try {
    const problems = database.prepare('PRAGMA integrity_check').all() as { integrity_check?: unknown }[]
    const [first] = problems.map(({ integrity_check: problem }) => String(problem))
    if (first !== 'ok') throw new RegistryError('unavailable', `The database ${file} is damaged: ${first}.`)
    const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n)
    // A backup of an earlier version lacks tables that later ones added.
    const tables = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    return Object.fromEntries(tables.all().map(({ name }) => [String(name), count(String(name))]))
  } finally {
    database.close()
  }
}

/**
 * Moves a registry to another name, with the writes in its log. Throws `busy` while a process has it open: that process
 * would go on writing to the moved file.
 */
export function moveDatabase(file: string, to: string): void {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Only the last connection can leave the mode with a log. The log is then empty and gone.
    database.exec('PRAGMA journal_mode = DELETE')
  } catch (cause) {
    const message = `A process has the registry ${file} open. Stop it first.`
    throw new RegistryError('busy', message, { cause })
  } finally {
    database.close()
  }
  renameSync(file, to)
}

/**
 * Puts a checked copy where a registry is expected, if there is none. The schema is brought up to date. Throws
 * `unavailable` for a copy from a newer version.
 */
export function placeDatabase(copy: string, file: string): void {
  openDatabase(copy).close()
  for (const rest of ['-wal', '-shm']) rmSync(`${copy}${rest}`, { force: true })
  if (existsSync(file)) throw new RegistryError('busy', `Another process has created ${file} meanwhile.`)
  renameSync(copy, file)
}
