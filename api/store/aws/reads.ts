import {
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { daysBefore } from '../../contract/day.ts'
import type { ReadCount, ReadStore } from '../read-store.ts'
import type { Calls } from './calls.ts'
import { cut, notACursor } from './cursor.ts'
import { passing, unconfirmed } from './failures.ts'
import { keyOf, keyRow, LAST, type Row, readsHash, SCHEMA, text } from './keys.ts'
import type { Table } from './table.ts'

export interface ReadsStorage {
  readonly table: Table
  readonly dynamodb: DynamoDBClient
  readonly calls: Calls
  /** A new unique id. */
  readonly newId: () => string
}

/** The items of one DynamoDB transaction. */
const MOST_COUNTS = 100

/**
 * Counted reads: a row for each prompt, day, application and version, in partitions that the reader may write too.
 * DynamoDB removes them by their `expires_at`, if the table has it as its TTL attribute.
 */
export function createAwsReads({ table, dynamodb, calls, newId }: ReadsStorage): ReadStore {
  return {
    mostCounts: MOST_COUNTS,
    async add(counts, keepDays) {
      if (counts.length === 0) return
      const command = new TransactWriteItemsCommand({
        TransactItems: counts.map((count) => addition(table.name, count, keepDays)),
        // Makes a retry of a call without an answer add nothing twice.
        ClientRequestToken: newId(),
      })
      let unanswered = 0
      const send = async (abortSignal: AbortSignal) => {
        unanswered++
        try {
          await dynamodb.send(command, { abortSignal })
        } catch (error) {
          if (abortSignal.aborted || passing(error) === 'broken') throw error
          unanswered--
          throw error
        }
      }
      await calls.make(send).catch((error) => Promise.reject(unanswered > 0 ? unconfirmed(error) : error))
    },
    async list(promptId, { from, limit, cursor }) {
      const start = cursor === undefined ? from : `${checked(cursor)}!`
      const range = { hash: readsHash(promptId), from: start, to: LAST, expected: limit + 1 }
      const items: ReadCount[] = []
      for await (const found of table.rows(range)) {
        items.push(countOf(promptId, found))
        if (items.length > limit) break
      }
      return cut(items, limit, rangeOf)
    },
  }
}

function addition(TableName: string, count: ReadCount, keepDays: number): TransactWriteItem {
  return {
    Update: {
      TableName,
      Key: keyRow(keyOf.reads(count.promptId, rangeOf(count))),
      UpdateExpression: 'SET #schema = :schema, expires_at = :expires ADD #reads :reads',
      // Nothing but a count has this key, so a row without one belongs to somebody else.
      ConditionExpression: 'attribute_not_exists(prompt_key) OR attribute_exists(#reads)',
      ExpressionAttributeNames: { '#schema': 'schema', '#reads': 'reads' },
      ExpressionAttributeValues: {
        ':schema': { N: String(SCHEMA) },
        ':reads': { N: String(count.reads) },
        ':expires': { N: String(Date.parse(daysBefore(count.day, -keepDays - 1)) / 1000) },
      },
    },
  }
}

/** Neither a day, nor an application, nor a version has a `#`. */
function rangeOf({ day, application, version }: ReadCount): string {
  return `${day}#${application}#${version}`
}

function countOf(promptId: string, found: Row): ReadCount {
  const [day = '', application = '', version = ''] = (text(found.version) ?? '').split('#')
  return { promptId, day, application, version, reads: Number(found.reads?.N) }
}

function checked(cursor: string): string {
  if (cursor.split('#').length === 3) return cursor
  throw notACursor(cursor)
}
