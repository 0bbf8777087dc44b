import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import type { SourceRecord } from '../records.ts'
import type { SourceStore } from '../source-store.ts'
import { keyOf, type Row, row, SOURCES, sourceHash, text } from './keys.ts'
import { deltaRows, isAnyCounted, readLedger, tagRows } from './ledger.ts'
import type { Table } from './table.ts'
import type { Transactions } from './transactions.ts'

/** What a transaction takes besides the record; more tags than that are written before it. */
const MOST_TAGS = 90

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
  const ofTags = tagRows(name, tags, first)
  // Nobody looks at a tag's row for more than a hint of where in the ledger the tag would be.
  const together = ofTags.length <= MOST_TAGS
  if (!together) await table.put(ofTags)
  const id = newId()
  const rows = [...deltaRows(name, first, ledger), ...(together ? ofTags : [])]
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

function sourceOf(found: Row): SourceRecord {
  return JSON.parse(text(found.record) ?? 'null') as SourceRecord
}

function put(table: string, Item: Row): TransactWriteItem {
  return { Put: { TableName: table, Item } }
}
