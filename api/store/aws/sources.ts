import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import type { FindingChanges, SourceRecord, StoredFinding } from '../source-records.ts'
import type { SourceStore } from '../source-store.ts'
import { cut, notACursor } from './cursor.ts'
import { keyOf, keyRow, LAST, type Row, row, SOURCES, sourceHash, text } from './keys.ts'
import { deltaRows, isAnyCounted, readLedger, tagRows } from './ledger.ts'
import { readable, recordOf } from './rows.ts'
import type { Table } from './table.ts'
import type { Transactions } from './transactions.ts'

/**
 * Maximum number of other rows in the record's transaction. If there are more tags, they are written before it.
 */
const MOST_TAGS = 90

interface SourceStorage {
  readonly table: Table
  readonly transactions: Transactions
  /** Creates a unique id that identifies a write. */
  readonly newId: () => string
}

/** Sources and their ledgers in DynamoDB. A ledger is stored as a series of deltas. */
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
      const { items, unreadable } = readable(
        records.filter((found) => found !== undefined),
        sourceOf,
      )
      const next = names.length > limit ? (names[limit - 1] ?? null) : null
      return { items, next, ...(unreadable.length > 0 && { unreadable }) }
    },
    replace: (record, expectedVersion, ledger, findings = { put: [], remove: [] }) =>
      replace(storage, record, expectedVersion, { ledger, findings }),
    ledger: (name, query) => readLedger(table, name, query),
    async findings(name, { limit, cursor, code }) {
      const all = code === undefined ? 'finding#' : `finding#${code}#`
      if (cursor !== undefined && !cursor.startsWith('finding#')) throw notACursor(cursor)
      const from = cursor === undefined ? all : `${cursor}!`
      const rows: Row[] = []
      for await (const found of table.rows({
        hash: sourceHash(name),
        from,
        to: `${all}${LAST}`,
        expected: limit + 1,
      })) {
        rows.push(found)
        if (rows.length > limit) break
      }
      const { items: shown, next } = cut(rows, limit, (found) => text(found.version) ?? '')
      return { items: readable(shown, (found) => recordOf<StoredFinding>(found)).items, next }
    },
  }
}

/**
 * Replaces the record with a compare-and-set, so a tag that was missing from the ledger is still missing in the
 * transaction.
 */
async function replace(
  { table, transactions, newId }: SourceStorage,
  record: SourceRecord,
  expectedVersion: number,
  { ledger, findings }: { readonly ledger: readonly LedgerEntry[]; readonly findings: FindingChanges },
): Promise<boolean> {
  const { name } = record
  const tags = [...new Set(ledger.map(({ tag }) => tag))]
  if (tags.length < ledger.length) return false
  const first = record.ledgerLength - ledger.length + 1
  if (await isAnyCounted(table, name, tags, first)) return false
  const ofTags = tagRows(name, tags, first)
  // A tag's row is only a hint of its place in the ledger, so it may be written early.
  const together = ofTags.length <= MOST_TAGS
  if (!together) await table.put(ofTags)
  const id = newId()
  const rows = [...deltaRows(name, first, ledger), ...(together ? ofTags : [])].map((one) =>
    put(table.name, one),
  )
  const ofFindings = findingWrites(table.name, name, findings)
  // Findings that do not fit are written first, each batch only if the record is unchanged.
  const early = rows.length + ofFindings.length > MOST_TAGS ? ofFindings : []
  for (let from = 0; from < early.length; from += MOST_TAGS) {
    const part = [recordCheck(table.name, name, expectedVersion), ...early.slice(from, from + MOST_TAGS)]
    if (!(await transactions.write(sourceHash(name), part))) return false
  }
  const done = await transactions.write(sourceHash(name), [
    recordWrite(table.name, record, expectedVersion, id),
    ...(expectedVersion === 0 ? [put(table.name, row(keyOf.sourceName(name), {}))] : []),
    ...rows,
    ...(early.length > 0 ? [] : ofFindings),
  ])
  return done || text((await table.get(keyOf.source(name)))?.written_by) === id
}

export function findingWrites(
  table: string,
  name: string,
  { put: added, remove }: FindingChanges,
): TransactWriteItem[] {
  const puts = added.map((finding) =>
    put(table, row(keyOf.finding(name, finding), { record: { S: JSON.stringify(finding) } })),
  )
  const deletes = remove.map((key) => ({
    Delete: { TableName: table, Key: keyRow(keyOf.finding(name, key)) },
  }))
  return [...deletes, ...puts]
}

function recordCheck(table: string, name: string, expectedVersion: number): TransactWriteItem {
  const Key = keyRow(keyOf.source(name))
  if (expectedVersion === 0) {
    return {
      ConditionCheck: { TableName: table, Key, ConditionExpression: 'attribute_not_exists(prompt_key)' },
    }
  }
  return {
    ConditionCheck: {
      TableName: table,
      Key,
      ConditionExpression: 'revision = :expected',
      ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
    },
  }
}

export function recordWrite(
  table: string,
  record: SourceRecord,
  expectedVersion: number,
  id: string,
): TransactWriteItem {
  const Item = row(keyOf.source(record.name), {
    revision: { N: String(record.version) },
    written_by: { S: id },
    lease_token: { N: String(record.leaseToken) },
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
  return recordOf<SourceRecord>(found)
}

function put(table: string, Item: Row): TransactWriteItem {
  return { Put: { TableName: table, Item } }
}
