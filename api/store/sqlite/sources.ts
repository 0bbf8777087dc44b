import type { DatabaseSync } from 'node:sqlite'
import { RegistryError } from '../../contract/errors.ts'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import type { SourceRecord } from '../records.ts'
import type { SourceStore } from '../source-store.ts'
import { storeFailure } from './failures.ts'
import type { Writer } from './writer.ts'

/** Sources and their ledgers in SQLite. */
export function createSqliteSources(database: DatabaseSync, writer: Writer): SourceStore {
  const statements = prepareSourceStatements(database)
  const record = (row: unknown) => JSON.parse((row as { record: string }).record) as SourceRecord
  return {
    async get(name) {
      const row = attempt(() => statements.get.get(name))
      return row === undefined ? undefined : record(row)
    },
    async list({ limit, cursor }) {
      const rows = attempt(() => statements.list.all(cursor ?? '', limit + 1))
      const items = rows.slice(0, limit).map(record)
      return { items, next: rows.length > limit ? (items.at(-1)?.name ?? null) : null }
    },
    replace: (next, expectedVersion, ledger) =>
      writer.write(() => {
        const tags = new Set(ledger.map(({ tag }) => tag))
        if (tags.size < ledger.length) return false
        if ([...tags].some((tag) => statements.tagged.get(next.name, tag) !== undefined)) return false
        const text = JSON.stringify(next)
        const { changes } =
          expectedVersion === 0
            ? statements.insert.run(next.name, next.version, text)
            : statements.update.run(next.version, text, next.name, expectedVersion)
        if (changes === 0) return false
        const first = next.ledgerLength - ledger.length
        ledger.forEach(({ tag, commit }, index) => {
          statements.append.run(next.name, first + index + 1, tag, commit)
        })
        return true
      }),
    async ledger(name, { limit, cursor }) {
      const after = position(cursor)
      const rows = attempt(() => statements.ledger.all(name, after, limit + 1)) as unknown as LedgerRow[]
      const shown = rows.slice(0, limit)
      const items: LedgerEntry[] = shown.map((row) => ({ tag: row.tag, commit: row.commit_id }))
      return { items, next: rows.length > limit ? String(shown.at(-1)?.position) : null }
    },
  }
}

interface LedgerRow {
  readonly position: number
  readonly tag: string
  readonly commit_id: string
}

function prepareSourceStatements(database: DatabaseSync) {
  return {
    get: database.prepare('SELECT record FROM sources WHERE name = ?'),
    list: database.prepare('SELECT record FROM sources WHERE name > ? ORDER BY name LIMIT ?'),
    insert: database.prepare(
      'INSERT INTO sources (name, version, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    update: database.prepare('UPDATE sources SET version = ?, record = ? WHERE name = ? AND version = ?'),
    tagged: database.prepare('SELECT 1 FROM ledger WHERE source = ? AND tag = ?'),
    append: database.prepare('INSERT INTO ledger (source, position, tag, commit_id) VALUES (?, ?, ?, ?)'),
    ledger: database.prepare(
      'SELECT * FROM ledger WHERE source = ? AND position > ? ORDER BY position LIMIT ?',
    ),
  }
}

function attempt<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw storeFailure(error)
  }
}

function position(cursor: string | undefined): number {
  const value = Number(cursor ?? 0)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new RegistryError(
    'invalid_request',
    `"${cursor}" is not a cursor; use the next_cursor of the page before.`,
  )
}
