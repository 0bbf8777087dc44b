import type { AtomicChange } from '../../../../api/store/atomic-change.ts'
import type {
  FoundVersions,
  PageItems,
  PageQueries,
  PromptStore,
} from '../../../../api/store/prompt-store.ts'
import type { Snapshot, VersionRecord } from '../../../../api/store/records.ts'
import type { OpenStores } from '../harness.ts'

/** One way for an adapter to be wrong, and the case that must notice. */
export interface Fault<T> {
  readonly name: string
  readonly caught: string
  readonly spoil: (right: T, stores: OpenStores) => Partial<T>
  /** Spoils what the adapter is when it is opened again. */
  readonly reopened?: (stores: OpenStores) => OpenStores['reopen']
}

export type PromptFault = Fault<PromptStore>
type Query<K extends keyof PageQueries> = PageQueries[K] & { readonly of: K }

/** Spoils one kind of page and leaves the others. */
export function paging<K extends keyof PageQueries>(
  right: PromptStore,
  of: K,
  spoiled: (
    query: Query<K>,
  ) => Promise<{ readonly items: readonly PageItems[K][]; readonly next: string | null }>,
): Partial<PromptStore> {
  const page = async (query: Query<keyof PageQueries>) =>
    query.of === of ? await spoiled(query as unknown as Query<K>) : await right.page(query as never)
  return { page: page as PromptStore['page'] }
}

/** All of a listing, sorted anew and cut by counting: what an adapter does that has no order of its own. */
export async function resorted<K extends keyof PageQueries>(
  right: PromptStore,
  query: Query<K>,
  compare: (a: PageItems[K], b: PageItems[K]) => number,
) {
  const { items } = await right.page<K>({ ...query, limit: 1000, cursor: undefined } as never)
  return byCount([...items].sort(compare), query)
}

export function byCount<T>(
  items: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) {
  const start = Number(cursor ?? 0)
  const end = start + limit
  return { items: items.slice(start, end), next: end < items.length ? String(end) : null }
}

export const committing = (spoiled: (change: AtomicChange) => AtomicChange) => (right: PromptStore) => ({
  commit: (change: AtomicChange) => right.commit(spoiled(change)),
})

export const reading = (spoiled: (text: string) => string) => (right: PromptStore) => ({
  content: async (id: string, version: VersionRecord) => spoiled(await right.content(id, version)),
})

export const showing =
  (spoiled: (snapshot: Snapshot, id: string) => Snapshot | undefined) => (right: PromptStore) => ({
    async snapshot(id: string) {
      const snapshot = await right.snapshot(id)
      return snapshot === undefined ? undefined : spoiled(snapshot, id)
    },
  })

export const finding =
  (spoiled: (found: FoundVersions, query: Parameters<PromptStore['find']>[1]) => FoundVersions) =>
  (right: PromptStore) => ({
    find: async (id: string, query: Parameters<PromptStore['find']>[1]) =>
      spoiled(await right.find(id, query), query),
  })

/** Commits whatever revision the change was decided on. */
export const forcing = (when: (change: AtomicChange, there: number) => boolean) => (right: PromptStore) => ({
  async commit(change: AtomicChange) {
    const there = (await right.snapshot(change.promptId))?.head.revision ?? 0
    return await right.commit(when(change, there) ? { ...change, expectedRevision: there } : change)
  },
})
