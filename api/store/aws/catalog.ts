import type { Page, PageItems, PageQueries } from '../prompt-store.ts'
import type { Storage } from './committing.ts'
import { cut, notACursor } from './cursor.ts'
import { CATALOG, keyOf, LAST, type Row, text } from './keys.ts'
import { listingOf } from './rows.ts'
import type { RangeQuery } from './table.ts'

type Query = PageQueries['prompts']

/** Prompts of the catalog: one query a page, but where a filter leaves out much. */
export async function readPrompts(storage: Storage, query: Query): Promise<Page<PageItems['prompts']>> {
  const { table, memory } = storage
  const { prefix = '', cursor, limit } = query
  if (Buffer.byteLength(cursor ?? '', 'utf8') > LONGEST_CURSOR) throw notACursor(cursor ?? '')
  const filter = catalogFilter(query)
  // A page from the very start passes the row that says whether the catalog is whole.
  const first = prefix === '' && cursor === undefined && filter === undefined
  // "!" sorts before every character of an id, so it stands for "behind the cursor".
  const from = first
    ? keyOf.adopted.version
    : later(prefix || FIRST, cursor === undefined ? '' : `${cursor}!`)
  const range: RangeQuery = {
    hash: CATALOG,
    from,
    to: prefix + LAST,
    expected: limit + (first ? 2 : 1),
    ...(filter && { filter }),
  }
  const found: PageItems['prompts'][] = []
  let marker: Row | undefined
  for await (const row of table.rows(range)) {
    if (text(row.version) === keyOf.adopted.version) marker = row
    else found.push(listingOf(row))
    if (found.length > limit) break
  }
  if (first) memory.catalogIsWhole = isWhole(marker)
  else memory.catalogIsWhole ||= isWhole(await table.get(keyOf.adopted))
  const page = cut(found, limit, ({ head }) => head.promptId)
  return (await mayBeUnadopted(storage)) ? { ...page, unadopted: true } : page
}

/** Whether seeded prompts may exist that are not in the catalog. Others may have adopted or removed them at any time. */
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

function catalogFilter({ source, status }: Query): RangeQuery['filter'] | undefined {
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
/** As many rows as DynamoDB gives in one call. */
const ONE_CALL = 100
/** The first character that an id may begin with. */
const FIRST = '0'

function later(a: string, b: string): string {
  return a < b ? b : a
}

/** Whether a walk through the table found no seeded prompt that could not be adopted. */
function isWhole(marker: Row | undefined): boolean {
  return marker?.whole?.BOOL === true
}
