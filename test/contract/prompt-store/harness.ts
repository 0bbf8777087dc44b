import { expect } from 'vitest'
import { RegistryError } from '../../../api/contract/index.ts'
import type { AtomicChange } from '../../../api/store/atomic-change.ts'
import type { EvidenceStore } from '../../../api/store/evidence-store.ts'
import type { Page, PageItems, PageQueries, PromptStore } from '../../../api/store/prompt-store.ts'
import type { ReadStore } from '../../../api/store/read-store.ts'
import type { SetStore } from '../../../api/store/set-store.ts'
import type { SourceStore } from '../../../api/store/source-store.ts'

export interface Stores {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly sets: SetStore
  readonly reads: ReadStore
  /** Absent on AWS. */
  readonly evidence?: EvidenceStore
}

/** What a test of a store adapter provides. */
export interface StoreHarness {
  /** The stores, empty. */
  open(): Promise<OpenStores>
  /** The stores with nothing to reach behind them. */
  unreachable?(): Promise<Stores & { close(): Promise<void> }>
}

export interface OpenStores extends Stores {
  /** The same stores opened once more; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<Stores>
  close(): Promise<void>
}

/** What a case needs that not every adapter has. */
export type StoreNeed = 'reopen' | 'unreachable'

export interface PromptStoreCase {
  readonly name: string
  readonly needs?: StoreNeed
  run(stores: OpenStores): Promise<void>
}

export async function commitAll(store: PromptStore, ...changes: readonly AtomicChange[]): Promise<void> {
  for (const change of changes) expect(await store.commit(change), 'a commit in order').toBe(true)
}

/** Every page of a listing, one after another. */
export async function pages<K extends keyof PageQueries>(
  store: PromptStore,
  query: PageQueries[K] & { readonly of: K },
): Promise<readonly PageItems[K][]> {
  const items: PageItems[K][] = []
  let cursor: string | undefined
  for (let count = 0; count < 1000; count++) {
    const page: Page<PageItems[K]> = await store.page<K>({ ...query, cursor } as never)
    expect(page.items.length).toBeLessThanOrEqual(query.limit)
    items.push(...page.items)
    if (page.next === null) return items
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

export async function expectFailure(name: string, running: Promise<unknown>): Promise<void> {
  const error: unknown = await running.then(
    () => 'no failure',
    (failure: unknown) => failure,
  )
  expect(error, name).toBeInstanceOf(RegistryError)
  expect(['busy', 'unavailable'], name).toContain((error as RegistryError).code)
}
