import { LIMITS } from '../contract/limits.ts'
import type { StoredSet } from '../store/set-records.ts'
import type { SetStore } from '../store/set-store.ts'
import { allPages } from './all-pages.ts'

/** Every set of a source that the store has, without members. */
export async function allStored(
  { sets }: { readonly sets: Pick<SetStore, 'stored'> },
  source: string,
): Promise<readonly StoredSet[]> {
  return await Array.fromAsync(allPages((cursor) => sets.stored(source, { limit: LIMITS.page, cursor })))
}
