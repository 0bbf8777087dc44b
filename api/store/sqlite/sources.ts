import type { DatabaseSync } from 'node:sqlite'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import type { FindingChanges, FindingKey, SourceRecord, StoredFinding } from '../source-records.ts'
import type { SourceStore } from '../source-store.ts'
import { storeFailure } from './failures.ts'
import { notACursor, position } from './pages.ts'
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
    replace: (next, expectedVersion, ledger, findings = NO_FINDINGS) =>
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
        for (const key of findings.remove) statements.removeFinding.run(next.name, ...keyOf(key))
        for (const finding of findings.put)
          statements.putFinding.run(next.name, ...keyOf(finding), JSON.stringify(finding))
        return true
      }),
    async ledger(name, { limit, cursor }) {
      const after = position(cursor)
      const rows = attempt(() => statements.ledger.all(name, after, limit + 1)) as unknown as LedgerRow[]
      const shown = rows.slice(0, limit)
      const items: LedgerEntry[] = shown.map((row) => ({ tag: row.tag, commit: row.commit_id }))
      return { items, next: rows.length > limit ? String(shown.at(-1)?.position) : null }
    },
    async findings(name, { limit, cursor, code }) {
      const [afterCode, afterKind, afterSubject] = afterFinding(cursor)
      const values = { name, afterKind, afterSubject, limit: limit + 1 }
      const rows = attempt(() =>
        code === undefined
          ? statements.findings.all({ ...values, afterCode })
          : statements.findingsOfCode.all({ ...values, code }),
      ) as unknown as FindingRow[]
      const last = rows.length > limit ? rows[limit - 1] : undefined
      const items = rows.slice(0, limit).map(({ finding }) => JSON.parse(finding) as StoredFinding)
      return { items, next: last === undefined ? null : findingCursor(last) }
    },
  }
}

const NO_FINDINGS: FindingChanges = { put: [], remove: [] }

function keyOf({ code, subject }: FindingKey): [code: string, kind: string, name: string] {
  return [code, subject.kind, subject.name]
}

interface FindingRow {
  readonly code: string
  readonly kind: string
  readonly subject: string
  readonly finding: string
}

/** The key after which a page of findings starts. */
function findingCursor({ code, kind, subject }: FindingRow): string {
  return JSON.stringify([code, kind, subject])
}

function afterFinding(cursor: string | undefined): [string, string, string] {
  if (cursor === undefined) return ['', '', '']
  const key: unknown = parsedCursor(cursor)
  if (Array.isArray(key) && key.length === 3 && key.every((part) => typeof part === 'string'))
    return key as [string, string, string]
  throw notACursor(cursor)
}

function parsedCursor(cursor: string): unknown {
  try {
    return JSON.parse(cursor)
  } catch {
    return undefined
  }
}

interface LedgerRow {
  readonly position: number
  readonly tag: string
  readonly commit_id: string
}

export function prepareSourceStatements(database: DatabaseSync) {
  return {
    get: database.prepare('SELECT record FROM sources WHERE name = ?'),
    list: database.prepare('SELECT record FROM sources WHERE name > ? ORDER BY name LIMIT ?'),
    insert: database.prepare(
      'INSERT INTO sources (name, version, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    update: database.prepare('UPDATE sources SET version = ?, record = ? WHERE name = ? AND version = ?'),
    tagged: database.prepare('SELECT 1 FROM ledger WHERE source = ? AND tag = ?'),
    append: database.prepare('INSERT INTO ledger (source, position, tag, commit_id) VALUES (?, ?, ?, ?)'),
    putFinding: database.prepare(
      `INSERT INTO findings (source, code, kind, subject, finding) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET finding = excluded.finding`,
    ),
    removeFinding: database.prepare(
      'DELETE FROM findings WHERE source = ? AND code = ? AND kind = ? AND subject = ?',
    ),
    findings: database.prepare(
      findingsPage('(code, kind, subject) > (:afterCode, :afterKind, :afterSubject)'),
    ),
    findingsOfCode: database.prepare(
      findingsPage('code = :code AND (kind, subject) > (:afterKind, :afterSubject)'),
    ),
    ledger: database.prepare(
      'SELECT * FROM ledger WHERE source = ? AND position > ? ORDER BY position LIMIT ?',
    ),
  }
}

function findingsPage(condition: string): string {
  return `SELECT * FROM findings WHERE source = :name AND ${condition} ORDER BY code, kind, subject LIMIT :limit`
}

function attempt<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw storeFailure(error)
  }
}
