/**
 * Every item of every page, in order, asking for the next page only when it is needed:
 *
 *     for await (const row of allPages((page) => api.list({ prefix, ...page }), (answer) => answer.prompts)) …
 *
 * Throws where the registry gives the cursor that it was asked with, which would go on for ever.
 */
export async function* allPages<Page extends { readonly next_cursor: string | null }, Item>(
  fetchPage: (page: { readonly cursor?: string }) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined
  for (;;) {
    const page: Page = await fetchPage(cursor === undefined ? {} : { cursor })
    yield* itemsOf(page)
    if (page.next_cursor === null || page.next_cursor === undefined) return
    if (page.next_cursor === cursor) throw new Error('The registry gave the same page cursor twice.')
    cursor = page.next_cursor
  }
}
