import { createHash } from 'node:crypto'
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import type { SourceRecord } from '../records.ts'
import type { SourceStore } from '../source-store.ts'
import { notACursor } from './cursor.ts'
import { keyOf, LAST, ledgerRange, type Row, SOURCES, sourceHash } from './keys.ts'
import { row } from './rows.ts'
import { type Table, text } from './table.ts'
import type { Transactions } from './transactions.ts'

/** What a transaction takes besides the record; more tags than that are written before it. */
const MOST_TAGS = 90
const CHARACTERS_A_ROW = 100_000

interface SourceStorage {
  readonly table: Table
  readonly transactions: Transactions
  /** A new unique id, for a write to be recognised by. */
  readonly newId: () => string
}

/** Sources and their ledgers in DynamoDB. A ledger is kept in the deltas in which it came. */
export function createAwsSources(storage: SourceStorage): SourceStore {
  const { table } = storage
  return {
    async get(name) {
      const found = await table.get(keyOf.source(name))
      return found && sourceOf(found)
    },
    async list({ limit, cursor }) {
      const names: string[] = []
      const from = cursor === undefined ? {} : { from: cursor }
      for await (const found of table.rows({ hash: SOURCES, ...from, expected: limit + 2 })) {
        const name = text(found.version) ?? ''
        if (name !== cursor) names.push(name)
        if (names.length > limit) break
      }
      const records = await Promise.all(names.slice(0, limit).map((name) => table.get(keyOf.source(name))))
      const items = records.filter((found) => found !== undefined).map(sourceOf)
      return { items, next: names.length > limit ? (names[limit - 1] ?? null) : null }
    },
    replace: (record, expectedVersion, ledger) => replace(storage, record, expectedVersion, ledger),
    ledger: (name, query) => readLedger(table, name, query),
  }
}

/**
 * The record is compared and replaced, so what was read of the ledger before is still true in the transaction: a
 * tag that was not in it is new.
 */
async function replace(
  { table, transactions, newId }: SourceStorage,
  record: SourceRecord,
  expectedVersion: number,
  ledger: readonly LedgerEntry[],
): Promise<boolean> {
  const { name } = record
  const tags = [...new Set(ledger.map(({ tag }) => tag))]
  if (tags.length < ledger.length) return false
  const first = record.ledgerLength - ledger.length + 1
  if (await isAnyCounted(table, name, tags, first)) return false
  const tagRows = tags.map((tag) => row(keyOf.tag(name, tagHash(tag)), { first: { N: String(first) } }))
  // Nobody looks at a tag's row for more than a hint of where in the ledger the tag would be.
  const together = tagRows.length <= MOST_TAGS
  if (!together) await table.put(tagRows)
  const id = newId()
  const rows = [...deltaRows(name, first, ledger), ...(together ? tagRows : [])]
  const done = await transactions.write(sourceHash(name), [
    recordWrite(table.name, record, expectedVersion, id),
    ...(expectedVersion === 0 ? [put(table.name, row(keyOf.sourceName(name), {}))] : []),
    ...rows.map((one) => put(table.name, one)),
  ])
  return done || text((await table.get(keyOf.source(name)))?.written_by) === id
}

function recordWrite(
  table: string,
  record: SourceRecord,
  expectedVersion: number,
  id: string,
): TransactWriteItem {
  const Item = row(keyOf.source(record.name), {
    revision: { N: String(record.version) },
    written_by: { S: id },
    record: { S: JSON.stringify(record) },
  })
  if (expectedVersion === 0)
    return { Put: { TableName: table, Item, ConditionExpression: 'attribute_not_exists(prompt_key)' } }
  const values = { ':expected': { N: String(expectedVersion) } }
  return {
    Put: {
      TableName: table,
      Item,
      ConditionExpression: 'revision = :expected',
      ExpressionAttributeValues: values,
    },
  }
}

/** The entries of one write, in as few rows as their size allows, each at the position of its first entry. */
function deltaRows(name: string, first: number, ledger: readonly LedgerEntry[]): Row[] {
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
 * Whether the ledger has one of the tags. A tag's row says with which delta it came; the delta has the last word,
 * since a write that failed leaves such rows behind.
 */
async function isAnyCounted(
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

async function readLedger(
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

/** Entries from the row on that begins at `from`, or from the next one. */
async function* entries(table: Table, name: string, from: number) {
  const range = { hash: sourceHash(name), from: ledgerRange(from), to: `ledger#${LAST}`, expected: 2 }
  for await (const found of table.rows(range)) {
    const first = Number((text(found.version) ?? '').slice('ledger#'.length))
    const part = JSON.parse(text(found.record) ?? '[]') as LedgerEntry[]
    for (const [at, entry] of part.entries()) yield { entry, first, at }
  }
}

/** A cursor is the row and the index in it of the next entry. */
function place(cursor: string | undefined): readonly [number, number] {
  const [first = 0, at = 0] = (cursor ?? '0.0').split('.').map(Number)
  if (Number.isSafeInteger(first) && Number.isSafeInteger(at) && first >= 0) return [first, at]
  throw notACursor(cursor ?? '')
}

/** Tags may be longer than a key. */
function tagHash(tag: string): string {
  return createHash('sha256').update(tag, 'utf8').digest('hex')
}

function sourceOf(found: Row): SourceRecord {
  return JSON.parse(text(found.record) ?? 'null') as SourceRecord
}

function put(table: string, Item: Row): TransactWriteItem {
  return { Put: { TableName: table, Item } }
}
