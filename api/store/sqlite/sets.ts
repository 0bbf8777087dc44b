import type { DatabaseSync } from 'node:sqlite'
import { type ReleaseSet, setText } from '../../contract/release-set.ts'
import type { PointerChange, SetMove, SetPointer, StoredSet } from '../set-records.ts'
import type { SetStore } from '../set-store.ts'
import type { SourceRecord } from '../source-records.ts'
import { reading } from './failures.ts'
import { position } from './pages.ts'
import type { Writer } from './writer.ts'

/** Sets and their pointers in SQLite. */
export function createSqliteSets(database: DatabaseSync, writer: Writer): SetStore {
  const statements = prepareSetStatements(database)
  return {
    pointer: reading((source) => parsed<SetPointer>(statements.pointer.get(source)?.pointer)),
    move: (change, leaseToken) =>
      writer.write(() => {
        const { source } = change.pointer.move
        if (!isCurrent(statements, change) || !isLeased(statements, source, leaseToken)) return false
        putPointer(statements, change.pointer)
        return true
      }),
    moves: reading((source, { limit, cursor }) => {
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : position(cursor)
      const rows = statements.moves.all(source, before, limit + 1)
      const items = rows.slice(0, limit).map(({ move }) => JSON.parse(String(move)) as SetMove)
      return { items, next: rows.length > limit ? String(items.at(-1)?.sequence) : null }
    }),
    put: (digest, set, usedAt) =>
      writer.write(() => void statements.put.run(digest, set.source, setText(set), usedAt)),
    get: reading((digest) => parsed<ReleaseSet>(statements.get.get(digest)?.text)),
    putProof: (digest, text) => writer.write(() => void statements.putProof.run(digest, text)),
    proof: reading((digest) => statements.proof.get(digest)?.text as string | undefined),
    stored: reading((source, { limit, cursor }) => {
      const rows = statements.stored.all(source, cursor ?? '', limit + 1)
      const items = rows.slice(0, limit).map((row) => storedSetOf(row as unknown as SetRow))
      return { items, next: rows.length > limit ? (items.at(-1)?.digest ?? null) : null }
    }),
    keep: (source, digest, kept) =>
      writer.write(() => statements.keep.run(Number(kept), digest, source).changes > 0),
    remove: ({ digest, usedAt }) => writer.write(() => void statements.remove.run(digest, usedAt)),
  }
}

export type SetStatements = ReturnType<typeof prepareSetStatements>

/** Whether the pointer is still at the sequence on which the change is based. */
export function isCurrent(
  { pointer: find }: SetStatements,
  { pointer, expectedSequence }: PointerChange,
): boolean {
  return (find.get(pointer.move.source)?.sequence ?? 0) === expectedSequence
}

export function putPointer({ putPointer, appendMove }: SetStatements, pointer: SetPointer): void {
  const { source, sequence } = pointer.move
  putPointer.run(source, sequence, JSON.stringify(pointer))
  appendMove.run(source, sequence, JSON.stringify(pointer.move))
}

function isLeased({ source: find }: SetStatements, source: string, leaseToken: number | undefined): boolean {
  if (leaseToken === undefined) return true
  const record = parsed<SourceRecord>(find.get(source)?.record)
  return (record?.leaseToken ?? 0) === leaseToken
}

export interface SetRow {
  readonly digest: string
  readonly source: string
  readonly used_at: number
  readonly kept: number
}

export function storedSetOf({ digest, source, used_at, kept }: SetRow): StoredSet {
  return { digest, source, usedAt: used_at, kept: kept === 1 }
}

export function prepareSetStatements(database: DatabaseSync) {
  return {
    pointer: database.prepare('SELECT sequence, pointer FROM set_pointers WHERE source = ?'),
    putPointer: database.prepare(
      `INSERT INTO set_pointers (source, sequence, pointer) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET sequence = excluded.sequence, pointer = excluded.pointer`,
    ),
    source: database.prepare('SELECT record FROM sources WHERE name = ?'),
    appendMove: database.prepare('INSERT INTO set_moves (source, sequence, move) VALUES (?, ?, ?)'),
    moves: database.prepare(
      'SELECT move FROM set_moves WHERE source = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
    ),
    put: database.prepare(
      `INSERT INTO sets (digest, source, text, used_at, kept) VALUES (?, ?, ?, ?, 0)
       ON CONFLICT DO UPDATE SET used_at = excluded.used_at`,
    ),
    get: database.prepare('SELECT text FROM sets WHERE digest = ?'),
    putProof: database.prepare('INSERT INTO set_proofs (digest, text) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    proof: database.prepare('SELECT text FROM set_proofs WHERE digest = ?'),
    stored: database.prepare(
      'SELECT digest, source, used_at, kept FROM sets WHERE source = ? AND digest > ? ORDER BY digest LIMIT ?',
    ),
    keep: database.prepare('UPDATE sets SET kept = ? WHERE digest = ? AND source = ?'),
    remove: database.prepare('DELETE FROM sets WHERE digest = ? AND kept = 0 AND used_at = ?'),
  }
}

function parsed<T>(text: unknown): T | undefined {
  return text === undefined ? undefined : (JSON.parse(String(text)) as T)
}
