import type { PromptId } from '../contract/prompt-id.ts'
import type { VersionName } from '../contract/version-name.ts'
import type { Page, Paged } from './prompt-store.ts'

/** How often an application read a version on one day. */
export interface ReadCount {
  readonly promptId: PromptId
  /** The label of the version. */
  readonly version: VersionName
  /** A name that `applicationProblem` accepts. */
  readonly application: string
  /** In UTC, such as `2026-11-29`. */
  readonly day: string
  /** At least 1. */
  readonly reads: number
}

/**
 * The port to the storage of counted reads. The registry adds to them in batches, off the path of a read.
 *
 * Every adapter guarantees:
 * - Concurrent additions never lose each other's counts.
 * - An addition is made once, or fails. `details.unconfirmed` of the failure: it may have been made.
 * - Prompts need not exist, and nothing but the counts changes.
 * - Failures are `RegistryError`: `busy` if a later retry may help, else `unavailable`.
 */
export interface ReadStore {
  /** At most this many counts fit into one addition. */
  readonly mostCounts: number

  /**
   * Adds counts, all or none. Each combination of prompt, version, application and day is given once. Counts are kept
   * for at least `keepDays` days after theirs.
   */
  add(counts: readonly ReadCount[], keepDays: number): Promise<void>

  /** The counts of a prompt since a day, ordered by day, application and version. Ids that differ by case are the same prompt. */
  list(id: PromptId, query: Paged & { readonly from: string }): Promise<Page<ReadCount>>
}
