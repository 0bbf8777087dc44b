import { RegistryError } from '../../contract/errors.ts'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { Page, PageItems, PageQueries } from '../prompt-store.ts'
import { releaseKey } from '../release-key.ts'
import { LISTING_COLUMNS, listingRows } from './listing-rows.ts'
import { type EventRow, listingOf, type NameRow, nameOf, type StoredVersionRow, versionOf } from './rows.ts'
import type { Statements } from './statements.ts'
import { idOf, SUMMARY_COLUMNS, summaryOf, summaryRows } from './summary-rows.ts'

/** Sorts after every release key. */
const LAST = '\x7f'
/** Sorts after every id. */
const LAST_ID = '\u{10ffff}'
/** Sorts before every character of an id. */
const FIRST = '\x01'

/** One page. Asks for one row more than the limit to know whether there is another page. */
export function readPage<K extends keyof PageQueries>(
  statements: Statements,
  query: PageQueries[keyof PageQueries],
): Page<PageItems[K]> {
  return readAny(statements, query) as Page<PageItems[K]>
}

function readAny(statements: Statements, query: PageQueries[keyof PageQueries]): Page<unknown> {
  switch (query.of) {
    case 'prompts': {
      const rows = listingRows(...promptsPage(statements, LISTING_COLUMNS, query))
      return cut(rows, query.limit, listingOf, (row) => row.id)
    }
    case 'summaries': {
      const rows = summaryRows(...promptsPage(statements, SUMMARY_COLUMNS, query))
      return cut(rows, query.limit, summaryOf, idOf)
    }
    case 'versions': {
      const rows = statements.versionsPage.all(
        promptIdKey(query.promptId),
        before(query.cursor),
        query.limit + 1,
      ) as unknown as StoredVersionRow[]
      return cut(rows, query.limit, versionOf, (row) => String(row.ordinal))
    }
    case 'events': {
      const rows = statements.eventsPage.all(
        promptIdKey(query.promptId),
        before(query.cursor),
        query.limit + 1,
      ) as unknown as EventRow[]
      return cut(
        rows,
        query.limit,
        (row) => JSON.parse(row.event),
        (row) => String(row.sequence),
      )
    }
    case 'releases': {
      const [afterRelease = LAST, afterKey = LAST] = query.cursor?.split('|') ?? []
      const rows = statements.releasesPage.all({
        prompt: promptIdKey(query.promptId),
        from: query.from === null ? LAST : releaseKey(query.from),
        after_release: afterRelease,
        after_key: afterKey,
        limit: query.limit + 1,
      }) as unknown as NameRow[]
      return cut(rows, query.limit, nameOf, (row) => `${row.release_key}|${row.key}`)
    }
    case 'feed': {
      const rows = statements.feedPage.all(position(query.cursor), query.limit) as unknown as EventRow[]
      const last = rows.at(-1)
      // The end of the feed, after which the next event will be.
      const next = last === undefined ? (query.cursor ?? null) : String(last.position)
      return { items: rows.map((row) => JSON.parse(row.event)), next }
    }
    default:
      return query satisfies never
  }
}

function promptsPage(
  statements: Statements,
  columns: string,
  query: Omit<PageQueries['prompts'], 'of'>,
): Parameters<typeof listingRows> {
  const { prefix = '', cursor, source, status, withDeleted = false, limit } = query
  const isStable = status === 'stable'
  const statement = statements.promptsPage({
    columns,
    source: source !== undefined,
    status: status === undefined ? 'none' : isStable ? 'stable' : 'other',
    deleted: withDeleted,
  })
  const parameters = {
    from: cursor === undefined || isBefore(cursor, prefix) ? prefix : cursor + FIRST,
    to: prefix + LAST_ID,
    ...(source !== undefined && { source }),
    ...(status !== undefined && !isStable && { status }),
    limit: limit + 1,
  }
  return [statement, parameters]
}

/** As SQLite sorts: by UTF-8 bytes. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0
}

function cut<R, T>(
  rows: readonly R[],
  limit: number,
  item: (row: R) => T,
  cursor: (row: R) => string,
): Page<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return { items: rows.slice(0, limit).map(item), next: last === undefined ? null : cursor(last) }
}

/** The counter before which a page starts. */
function before(cursor: string | undefined): number {
  const counter = cursor === undefined ? Number.MAX_SAFE_INTEGER : position(cursor)
  if (counter > 0) return counter
  throw notACursor(cursor ?? '')
}

/** The counter in a cursor; 0 without a cursor. */
export function position(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const value = Number(cursor)
  if (/^\d+$/.test(cursor) && Number.isSafeInteger(value)) return value
  throw notACursor(cursor)
}

export function notACursor(cursor: string): RegistryError {
  return new RegistryError(
    'invalid_request',
    `"${cursor}" is not a cursor; use the next_cursor of the previous page.`,
  )
}
