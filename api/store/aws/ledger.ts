import { createHash } from 'node:crypto'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import { notACursor } from './cursor.ts'
import { keyOf, LAST, ledgerRange, type Row, row, sourceHash, text } from './keys.ts'
import type { Table } from './table.ts'

const CHARACTERS_A_ROW = 100_000

/** The row of each tag, with the delta that added it to the ledger. */
export function tagRows(name: string, tags: readonly string[], first: number): Row[] {
  return tags.map((tag) => row(keyOf.tag(name, tagHash(tag)), { first: { N: String(first) } }))
}

/**
 * The entries of one write, in as few rows as their size allows. The position of each row is that of its first
 * entry.
 */
export function deltaRows(name: string, first: number, ledger: readonly LedgerEntry[]): Row[] {
  const rows: Row[] = []
  let part: LedgerEntry[] = []
  let characters = 0
  let position = first
  const end = () => {
    if (part.length > 0) rows.push(row(keyOf.ledger(name, position), { record: { S: JSON.stringify(part) } }))
    position += part.length
    part = []
    characters = 0
  }
  for (const { tag, commit } of ledger) {
    if (characters > CHARACTERS_A_ROW) end()
    part.push({ tag, commit })
    characters += tag.length + commit.length + 30
  }
  end()
  return rows
}

/**
 * Whether the ledger has one of the tags. A tag's row names a delta, but only the delta itself counts, because a
 * failed write leaves such rows behind.
 */
export async function isAnyCounted(
  table: Table,
  name: string,
  tags: readonly string[],
  end: number,
): Promise<boolean> {
  const rows = await Promise.all(tags.map((tag) => table.get(keyOf.tag(name, tagHash(tag)))))
  const hints = new Set(rows.map((found) => Number(found?.first?.N ?? end)).filter((first) => first < end))
  const wanted = new Set(tags)
  for (const first of hints) {
    for await (const { entry } of entries(table, name, first)) if (wanted.has(entry.tag)) return true
  }
  return false
}

export async function readLedger(
  table: Table,
  name: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const [row, index] = place(cursor)
  const items: LedgerEntry[] = []
  let last = ''
  for await (const { entry, first, at } of entries(table, name, row)) {
    if (first === row && at < index) continue
    if (items.length === limit) return { items, next: last }
    items.push(entry)
    last = `${first}.${at + 1}`
  }
  return { items, next: null }
}

/** Entries starting with the row that begins at `from`, or the next one. */
async function* entries(table: Table, name: string, from: number) {
  const range = { hash: sourceHash(name), from: ledgerRange(from), to: `ledger#${LAST}`, expected: 2 }
  for await (const found of table.rows(range)) {
    const first = Number((text(found.version) ?? '').slice('ledger#'.length))
    const part = JSON.parse(text(found.record) ?? '[]') as LedgerEntry[]
    for (const [at, entry] of part.entries()) yield { entry, first, at }
  }
}

/** A cursor contains the row of the next entry and its index in that row. */
function place(cursor: string | undefined): readonly [number, number] {
  const [first = 0, at = 0] = (cursor ?? '0.0').split('.').map(Number)
  if (Number.isSafeInteger(first) && Number.isSafeInteger(at) && first >= 0) return [first, at]
  throw notACursor(cursor ?? '')
}

/** Hashes a tag, which may be longer than a key. */
function tagHash(tag: string): string {
  return createHash('sha256').update(tag, 'utf8').digest('hex')
}
