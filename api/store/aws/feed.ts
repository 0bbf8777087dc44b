import { createHash } from 'node:crypto'
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { dayOf } from '../../contract/day.ts'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { Page } from '../prompt-store.ts'
import type { PromptEvent } from '../records.ts'
import { notACursor } from './cursor.ts'
import { FEED, keyOf, LAST, padded, type Row, row, text } from './keys.ts'
import { eventOf, readable } from './rows.ts'
import type { Table } from './table.ts'

/**
 * The feed of all events: one partition per day and shard, to spread the load of many writers. Ranges start with
 * the time, so merged shards are in order. All rows of a prompt are in one shard, and their times never decrease.
 */

/** Each shard takes 1,000 writes per second. */
const SHARDS = 8
/**
 * Clocks of writers differ, and transactions take time. So after the end of the feed, reading resumes this much
 * earlier, and some events are returned twice.
 */
const OVERLAP_MS = 30_000
const MS_A_DAY = 86_400_000

/** The feed rows of a change. `at` is in milliseconds since the epoch, not before the prompt's last event. */
export function feedWrites(table: string, events: readonly PromptEvent[], at: number): TransactWriteItem[] {
  return events.map((event) => ({ Put: { TableName: table, Item: feedRow(event, at) } }))
}

export function feedRow(event: PromptEvent, at: number): Row {
  const { prompt_id: id, sequence } = event
  const digest = createHash('sha256').update(promptIdKey(id)).digest()
  const shard = (digest[0] ?? 0) % SHARDS
  const range = `${padded(at)}#${digest.toString('hex').slice(0, 12)}#${padded(sequence)}`
  const key = { prompt_key: partition(dayOf(at), shard), version: range }
  return row(key, { record: { S: JSON.stringify(event) } })
}

interface FeedQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of events after the cursor. `now` is in milliseconds since the epoch. */
export async function readFeed(
  table: Table,
  { limit, cursor }: FeedQuery,
  now: number,
): Promise<Page<PromptEvent>> {
  const start = startOf(cursor)
  const found: Row[] = []
  for await (const { version: day } of daysFrom(table, start === null ? '' : dayOf(start.at))) {
    found.push(...(await rowsOfDay(table, day, start?.range ?? '', limit - found.length)))
    if (found.length >= limit) break
  }
  const { items, unreadable } = readable(found, eventOf)
  const last = text(found.at(-1)?.version) ?? cursor
  const atEnd = found.length < limit
  const next = last === undefined ? null : atEnd ? settled(last, now) : last
  return { items, next, ...(unreadable.length > 0 && { unreadable }) }
}

async function* daysFrom(table: Table, first: string) {
  for await (const found of table.rows({ hash: FEED, from: first || '0', to: LAST }))
    yield { version: text(found.version) ?? '' }
}

/** The first rows of a day after a range, across all shards. */
async function rowsOfDay(table: Table, day: string, after: string, limit: number): Promise<Row[]> {
  const shards = Array.from({ length: SHARDS }, async (_, shard) => {
    const rows: Row[] = []
    const range = { hash: partition(day, shard), from: `${after}!`, to: LAST, expected: limit }
    for await (const found of table.rows(range)) {
      rows.push(found)
      if (rows.length === limit) break
    }
    return rows
  })
  const all = (await Promise.all(shards)).flat()
  return all.sort((a, b) => ((text(a.version) ?? '') < (text(b.version) ?? '') ? -1 : 1)).slice(0, limit)
}

/** A cursor after the row, but before events that may still be in progress. */
function settled(range: string, now: number): string {
  const certain = padded(now - OVERLAP_MS)
  return range < certain ? range : certain
}

function startOf(cursor: string | undefined): { readonly at: number; readonly range: string } | null {
  if (cursor === undefined) return null
  const at = Number(cursor.split('#')[0])
  if (!Number.isSafeInteger(at) || at < 0 || at > 100_000 * MS_A_DAY) throw notACursor(cursor)
  return { at, range: cursor }
}

function partition(day: string, shard: number): string {
  return `${FEED}#${day}#${shard}`
}

/** Registers a day, so that readers of the feed find it. */
export function feedDayRow(at: number): Row {
  return row(keyOf.feedDay(dayOf(at)), {})
}
