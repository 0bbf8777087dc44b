import { allPages } from '../../client/pages.ts'

export interface PageOptions {
  readonly limit?: number
  readonly cursor?: string
}

/** The longest page that the API gives; the fewer requests, the better. */
const LONGEST_PAGE = 1000

/**
 * The API's own page where a limit was given, else every page in one document: the rows merged, and
 * `next_cursor` null.
 */
export async function readPages<
  Key extends string,
  Page extends { readonly next_cursor: string | null } & Readonly<Record<Key, readonly unknown[]>>,
>(
  rows: Key,
  { limit, cursor }: PageOptions,
  fetchPage: (page: { limit: number; cursor?: string }) => Promise<Page>,
): Promise<Page> {
  const start = cursor === undefined ? {} : { cursor }
  if (limit !== undefined) return await fetchPage({ limit, ...start })
  const pages: Page[] = []
  const read = async (next: { readonly cursor?: string }) => {
    const page = await fetchPage({ limit: LONGEST_PAGE, ...start, ...next })
    pages.push(page)
    return page
  }
  const merged = await Array.fromAsync(allPages(read, (page) => page[rows]))
  // What a page says beside its rows may come with any of them.
  return Object.assign({}, ...pages, { [rows]: merged, next_cursor: null })
}
