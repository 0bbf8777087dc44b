import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { RegistryError } from '../../contract/errors.ts'
import { type ReleaseSet, setText } from '../../contract/release-set.ts'
import { sha256 } from '../../contract/version.ts'
import type { PointerChange, SetMove, SetPointer, StoredSet } from '../set-records.ts'
import type { SetStore } from '../set-store.ts'
import { cut, notACursor } from './cursor.ts'
import { type Key, keyOf, keyRow, LAST, moveRange, type Row, SCHEMA, sourceHash, text } from './keys.ts'
import type { Objects } from './objects.ts'
import { recordOf } from './rows.ts'
import { pointerWrites, proofKey, setKey, storedSetOf } from './set-rows.ts'
import type { RangeQuery, Table } from './table.ts'
import type { Transactions } from './transactions.ts'

export interface SetStorage {
  readonly table: Table
  readonly transactions: Transactions
  readonly objects: Objects
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A set of a million members of ordinary length. */
const MOST_SET_BYTES = 160 * 1024 * 1024
/** A proof has the members in base64, and maybe those of earlier releases. */
const MOST_PROOF_BYTES = 4 * MOST_SET_BYTES
/** A removal that did not finish by then never will: it is longer than a function may run. */
const REMOVAL_MS = 15 * 60 * 1000

/** Sets in S3, with a row for each, and their pointers in DynamoDB. */
export function createAwsSets(storage: SetStorage): SetStore {
  const { table, objects } = storage
  return {
    async pointer(source) {
      const found = await table.get(keyOf.pointer(source))
      return found && recordOf<SetPointer>(found)
    },
    move: (change, leaseToken) => movePointer(storage, change, leaseToken),
    async moves(source, { limit, cursor }) {
      const to = cursor === undefined ? `move#${LAST}` : moveRange(before(cursor))
      const range = { hash: sourceHash(source), from: moveRange(0), to, backwards: true, expected: limit + 1 }
      const items = await rowsOf(table, range, (found) => recordOf<SetMove>(found))
      return cut(items, limit, ({ sequence }) => String(sequence))
    },
    put: (digest, set, usedAt) => putSet(storage, digest, set, usedAt),
    async get(digest) {
      const found = await objects.fetch(setKey(digest), undefined, MOST_SET_BYTES)
      return found === null || typeof found === 'string' ? undefined : setOf(digest, found.bytes)
    },
    async putProof(digest, proof) {
      await objects.putIfFree(proofKey(digest), proof)
    },
    async proof(digest) {
      const found = await objects.fetch(proofKey(digest), undefined, MOST_PROOF_BYTES)
      return found === null || typeof found === 'string' ? undefined : proofText(digest, found.bytes)
    },
    async stored(source, { limit, cursor }) {
      const from = `set#${cursor === undefined ? '' : `${cursor}!`}`
      const range = { hash: sourceHash(source), from, to: `set#${LAST}`, expected: limit + 1 }
      const items = await rowsOf(table, range, (found) => storedSetOf(source, found))
      return cut(items, limit, ({ digest }) => digest)
    },
    keep: (source, digest, kept) =>
      storage.transactions.write(sourceHash(source), [
        update(table.name, keyOf.storedSet(source, digest), {
          expression: 'SET kept = :kept',
          condition: 'attribute_exists(prompt_key) AND attribute_not_exists(removing_at)',
          values: { ':kept': { BOOL: kept } },
        }),
      ]),
    remove: (set) => removeSet(storage, set),
  }
}

async function movePointer(
  { table, transactions }: SetStorage,
  change: PointerChange,
  leaseToken: number | undefined,
): Promise<boolean> {
  const { source, sequence } = change.pointer.move
  const items = [
    ...pointerWrites(table.name, change),
    ...(leaseToken === undefined ? [] : [leaseCheck(table.name, source, leaseToken)]),
  ]
  /** An answer may be lost after the rows were written, and the condition of a retry then fails. */
  const isWritten = async () => {
    const found = await table.get(keyOf.move(source, sequence))
    return text(found?.record) === JSON.stringify(change.pointer.move)
  }
  try {
    return (await transactions.write(sourceHash(source), items)) || (await isWritten())
  } catch (error) {
    if (await isWritten().catch(() => false)) return true
    throw error
  }
}

/** Rows that an earlier version wrote lack the token; the next lease adds it. */
function leaseCheck(table: string, source: string, leaseToken: number): TransactWriteItem {
  return {
    ConditionCheck: {
      TableName: table,
      Key: keyRow(keyOf.source(source)),
      ConditionExpression: 'attribute_not_exists(lease_token) OR lease_token = :token',
      ExpressionAttributeValues: { ':token': { N: String(leaseToken) } },
    },
  }
}

/** First the row, which stops a removal, then the object. */
async function putSet(
  { table, transactions, objects }: SetStorage,
  digest: string,
  set: ReleaseSet,
  usedAt: number,
): Promise<void> {
  const { source } = set
  const noted = await transactions.write(sourceHash(source), [
    update(table.name, keyOf.storedSet(source, digest), {
      expression: `SET used_at = :at, kept = if_not_exists(kept, :false), #schema = :schema REMOVE removing_at`,
      condition: 'attribute_not_exists(removing_at) OR removing_at < :over',
      names: { '#schema': 'schema' },
      values: {
        ':at': { N: String(usedAt) },
        ':over': { N: String(usedAt - REMOVAL_MS) },
        ':false': { BOOL: false },
        ':schema': { N: String(SCHEMA) },
      },
    }),
  ])
  if (!noted) throw beingRemoved(digest)
  await objects.putIfFree(setKey(digest), setText(set))
}

/** The mark on the row keeps everybody from using the set before its object is gone. */
async function removeSet({ table, transactions, objects, now }: SetStorage, set: StoredSet): Promise<void> {
  const { digest, source, usedAt } = set
  const key = keyOf.storedSet(source, digest)
  const at = { N: String(now()) }
  const marked = await transactions.write(sourceHash(source), [
    update(table.name, key, {
      expression: 'SET removing_at = :now',
      condition: 'kept = :false AND used_at = :seen',
      values: { ':now': at, ':seen': { N: String(usedAt) }, ':false': { BOOL: false } },
    }),
  ])
  if (!marked) return
  await objects.delete(setKey(digest))
  await transactions.write(sourceHash(source), [
    {
      Delete: {
        TableName: table.name,
        Key: keyRow(key),
        ConditionExpression: 'removing_at = :now',
        ExpressionAttributeValues: { ':now': at },
      },
    },
  ])
}

function update(
  TableName: string,
  key: Key,
  {
    expression,
    condition,
    names,
    values,
  }: {
    readonly expression: string
    readonly condition: string
    readonly names?: Record<string, string>
    readonly values: Row
  },
): TransactWriteItem {
  return {
    Update: {
      TableName,
      Key: keyRow(key),
      UpdateExpression: expression,
      ConditionExpression: condition,
      ...(names && { ExpressionAttributeNames: names }),
      ExpressionAttributeValues: values,
    },
  }
}

/** At most as many as expected. */
async function rowsOf<T>(
  table: Table,
  range: RangeQuery & { readonly expected: number },
  read: (row: Row) => T,
): Promise<T[]> {
  const items: T[] = []
  for await (const found of table.rows(range)) {
    items.push(read(found))
    if (items.length === range.expected) break
  }
  return items
}

/** The sequence before the one that ended a page. */
function before(cursor: string): number {
  const sequence = Number(cursor)
  if (/^\d+$/.test(cursor) && Number.isSafeInteger(sequence)) return sequence - 1
  throw notACursor(cursor)
}

function proofText(digest: string, bytes: Uint8Array): string {
  const proof = new TextDecoder().decode(bytes)
  if (sha256(proof) === digest) return proof
  throw changedObject(proofKey(digest), 'proof')
}

function setOf(digest: string, bytes: Uint8Array): ReleaseSet {
  const json = new TextDecoder().decode(bytes)
  if (sha256(json) === digest) return JSON.parse(json) as ReleaseSet
  throw changedObject(setKey(digest), 'set')
}

function changedObject(key: string, what: string): RegistryError {
  return new RegistryError(
    'unavailable',
    `The object "${key}" no longer has the ${what} that the registry stored there; restore an earlier version of the object.`,
  )
}

function beingRemoved(digest: string): RegistryError {
  return new RegistryError(
    'busy',
    `The set ${digest.slice(0, 12)} is being removed; try again in a few minutes.`,
  )
}
