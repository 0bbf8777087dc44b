import type { Page, PageItems, PageQueries } from '../prompt-store.ts'
import type { Storage } from './committing.ts'
import { cut, notACursor } from './cursor.ts'
import { CATALOG, keyOf, LAST, type Row, sortsAfter, text } from './keys.ts'
import { listingOf, readable } from './rows.ts'
import type { RangeQuery } from './table.ts'

type PromptQuery = PageQueries['prompts']

/** Lists prompts from the catalog, one query per page unless a filter excludes much. */
export async function readPrompts(storage: Storage, query: PromptQuery): Promise<Page<PageItems['prompts']>> {
  const { table, memory } = storage
  const { prefix = '', cursor, limit } = query
  if (Buffer.byteLength(cursor ?? '', 'utf8') > LONGEST_CURSOR) throw notACursor(cursor ?? '')
  const filter = catalogFilter(query)
  // The first page includes the row that shows whether the catalog is complete.
  const first = prefix === '' && cursor === undefined && filter === undefined
  // A control character sorts before every character of an id, so it means "after the cursor".
  const from = first
    ? keyOf.adopted.version
    : later(prefix || FIRST, cursor === undefined ? '' : `${cursor}\x01`)
  const range: RangeQuery = {
    hash: CATALOG,
    from,
    to: prefix + LAST,
    expected: limit + (first ? 2 : 1),
    ...(filter && { filter }),
  }
  const rows: Row[] = []
  let marker: Row | undefined
  for await (const row of table.rows(range)) {
    if (text(row.version) === keyOf.adopted.version) marker = row
    else rows.push(row)
    if (rows.length > limit) break
  }
  if (first) memory.catalogIsWhole = isWhole(marker)
  else memory.catalogIsWhole ||= isWhole(await table.get(keyOf.adopted))
  const { items: shown, next } = cut(rows, limit, (row) => text(row.version) ?? '')
  // Rows of deleted prompts exist only until their deletion is complete.
  const listed = query.withDeleted === true ? shown : shown.filter((row) => row.deleted === undefined)
  const { items, unreadable } = readable(listed, listingOf)
  const page = { items, next, ...(unreadable.length > 0 && { unreadable }) }
  return (await mayBeUnadopted(storage)) ? { ...page, unadopted: true } : page
}

/**
 * Whether seeded prompts may exist that are not in the catalog. Other processes may adopt or remove them at any
 * time.
 */
async function mayBeUnadopted({ table, memory, seeded }: Storage): Promise<boolean> {
  if (!memory.catalogIsWhole) return true
  for (let met = memory.seededIds(ONE_CALL); met.length > 0; met = memory.seededIds(ONE_CALL)) {
    const heads = await Promise.all(met.map((id) => table.get(keyOf.head(id))))
    for (const [index, id] of met.entries()) {
      if (heads[index] === undefined && (await seeded.get(id)) !== undefined) return true
      memory.forgetSeeded(id)
    }
  }
  return false
}

function catalogFilter({ source, status }: PromptQuery): RangeQuery['filter'] | undefined {
  const parts = [
    ...(source === undefined ? [] : ['#owner = :source']),
    ...(status === undefined ? [] : ['contains(statuses, :status)']),
  ]
  if (parts.length === 0) return undefined
  return {
    expression: parts.join(' AND '),
    values: {
      ...(source !== undefined && { ':source': { S: source } }),
      ...(status !== undefined && { ':status': { S: status } }),
    },
    ...(source !== undefined && { names: { '#owner': 'owner' } }),
  }
}

const LONGEST_CURSOR = 1000
/** The maximum number of rows per DynamoDB call. */
const ONE_CALL = 100
/** The lowest character that can start an id. */
const FIRST = '('

function later(a: string, b: string): string {
  return sortsAfter(b, a) ? b : a
}

/** Whether the last scan left no seeded prompt unadopted. */
function isWhole(marker: Row | undefined): boolean {
  return marker?.whole?.BOOL === true
}
