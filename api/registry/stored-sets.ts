import { LIMITS } from '../contract/limits.ts'
import type { StoredSet } from '../store/records.ts'
import type { SetStore } from '../store/set-store.ts'

/** Every set of a source that the store has, without members. */
export async function allStored(
  { sets }: { readonly sets: Pick<SetStore, 'stored'> },
  source: string,
): Promise<readonly StoredSet[]> {
  const all: StoredSet[] = []
  let cursor: string | undefined
  do {
    const page = await sets.stored(source, { limit: LIMITS.page, cursor })
    all.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return all
}
