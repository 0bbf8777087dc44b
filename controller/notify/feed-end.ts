import type { RegistryApi } from '../../api/contract/registry-api.ts'

/** The cursor after the last event; `null` if there is none. */
export async function endOfFeed(api: Pick<RegistryApi, 'feed'>): Promise<string | null> {
  let page = await api.feed({ limit: 1000 })
  while (page.more && page.next_cursor !== null)
    page = await api.feed({ limit: 1000, cursor: page.next_cursor })
  return page.next_cursor
}
