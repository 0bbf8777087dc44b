import type { PromptId } from '../../contract/prompt-id.ts'
import type { Page, PageItems, PageQueries } from '../prompt-store.ts'
import type { VersionRecord } from '../records.ts'
import type { Storage } from './committing.ts'
import { cut, notACursor } from './cursor.ts'
import { eventRange, keyOf, LAST, orderRange, promptHash, type Row, releaseRange, text } from './keys.ts'
import type { StoredVersion } from './record-json.ts'
import { eventOf, labelOf, nameOf, readable, storedVersionOf } from './rows.ts'
import { claimsOf, type SeededClaim, type SeededPrompt } from './seeded-prompt.ts'

type TablePageQuery<K extends keyof PageQueries> = PageQueries[K] & { readonly of: K }

/**
 * Pages of prompts with a head. Each query asks for one row more than its limit to know whether there is another
 * page.
 */
export async function readPage(
  storage: Storage,
  id: PromptId,
  query: TablePageQuery<'versions'> | TablePageQuery<'events'> | TablePageQuery<'releases'>,
): Promise<Page<PageItems['versions' | 'events' | 'releases']>> {
  const hash = promptHash(id)
  switch (query.of) {
    case 'versions': {
      const range = { hash, from: orderRange(0), to: orderRange(before(query.cursor)) }
      const { rows, next } = await lastRows(storage, range, query.limit)
      const items = await versionsOf(storage, id, rows.map(labelOf))
      if (next !== null) return { items, next: counterOf(next) }
      // Versions added by another program have no order and come last.
      const strays = await storage.seeded.records(id, await storage.seeded.strays(id))
      return { items: [...items, ...strays], next: null }
    }
    case 'events': {
      const range = { hash, from: eventRange(0), to: eventRange(before(query.cursor)) }
      const { rows, next } = await lastRows(storage, range, query.limit)
      return { items: readable(rows, eventOf).items, next: next && counterOf(next) }
    }
    case 'releases': {
      const { rows, next } = await lastRows(
        storage,
        { hash, ...releasesUpTo(query) },
        query.limit,
        query.cursor,
      )
      return { items: rows.map(nameOf), next }
    }
    default:
      return query satisfies never
  }
}

/** Pages of prompts that exist only as seeded rows. They have few versions and no events. */
export async function readSeededPage(
  { seeded }: Storage,
  prompt: SeededPrompt,
  query: TablePageQuery<'versions'> | TablePageQuery<'events'> | TablePageQuery<'releases'>,
): Promise<Page<PageItems['versions' | 'events' | 'releases']>> {
  switch (query.of) {
    case 'versions': {
      const last = before(query.cursor)
      const below = prompt.versions.filter(({ order }) => order <= last).reverse()
      const { items, next } = cut(below, query.limit, ({ order }) => String(order))
      return { items: await seeded.records(prompt.id, items), next }
    }
    case 'events':
      return { items: [], next: null }
    case 'releases': {
      const { from, to } = releasesUpTo(query)
      const claims = claimsOf(prompt)
        .flatMap((claim) => (claim.release === null ? [] : [{ claim, range: rangeOf(claim) }]))
        .filter(({ range }) => range >= from && range <= to && range < (query.cursor ?? LAST))
        .sort((a, b) => (a.range < b.range ? 1 : -1))
      const { items, next } = cut(claims, query.limit, ({ range }) => range)
      return { items: items.map(({ claim }) => claim), next }
    }
    default:
      return query satisfies never
  }
}

function releasesUpTo({ from, cursor }: TablePageQuery<'releases'>): { from: string; to: string } {
  const top = from === null ? `release#${LAST}` : releaseRange(from, LAST)
  return { from: 'release#', to: cursor === undefined || cursor > top ? top : cursor }
}

function rangeOf({ key, release }: SeededClaim): string {
  return releaseRange(release ?? '', key)
}

/** Rows from the end of a range backwards. Skips the row `skip`, which was on the previous page. */
async function lastRows(
  { table }: Storage,
  range: { readonly hash: string; readonly from: string; readonly to: string },
  limit: number,
  skip?: string,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  const rows: Row[] = []
  for await (const row of table.rows({ ...range, backwards: true, expected: limit + 2 })) {
    if (text(row.version) === skip) continue
    rows.push(row)
    if (rows.length > limit) break
  }
  const { items, next } = cut(rows, limit, (row) => text(row.version) ?? '')
  return { rows: items, next }
}

/**
 * The versions that still exist and can be read, in label order. Other tools may delete or overwrite rows of a
 * prompt that they seeded; the rest must still work, and revoked versions stay revoked.
 */
export async function versionsOf(
  storage: Storage,
  id: PromptId,
  labels: readonly string[],
): Promise<VersionRecord[]> {
  const found = await Promise.all(labels.map((label) => versionOf(storage, id, label)))
  return found.flatMap((stored) => {
    if (stored === undefined) return []
    storage.memory.keepPlace(id, stored)
    return [stored.record]
  })
}

async function versionOf(
  { table }: Storage,
  id: PromptId,
  label: string,
): Promise<StoredVersion | undefined> {
  for (const key of [keyOf.version(id, label), keyOf.revoked(id, label)]) {
    const row = await table.get(key)
    const [stored] = readable(row === undefined ? [] : [row], storedVersionOf).items
    if (stored !== undefined) return stored
  }
  return undefined
}

/** The highest counter of a page: the one below its cursor. */
function before(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  const value = Number(cursor)
  if (Number.isSafeInteger(value) && value > 0) return value - 1
  throw notACursor(cursor)
}

/** `order#0000000000000012` is 12. */
function counterOf(range: string): string {
  return String(Number(range.slice(range.indexOf('#') + 1)))
}
