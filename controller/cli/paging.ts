import { allPages } from '../../client/pages.ts'

export interface PageOptions {
  readonly limit?: number
  readonly cursor?: string
}

/** The API's maximum, for few requests. */
const LONGEST_PAGE = 1000

/**
 * With a limit, fetches that page. Without one, fetches all pages and merges their rows into one document, with
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
  // Any of the pages may have fields beside its rows.
  return Object.assign({}, ...pages, { [rows]: merged, next_cursor: null })
}
