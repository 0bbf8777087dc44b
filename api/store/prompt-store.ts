import type { PromptId } from '../contract/prompt-id.ts'
import type { Release } from '../contract/release.ts'
import type { Status } from '../contract/version.ts'
import type { Change, Head, NameClaim, PromptEvent, Snapshot, VersionRecord } from './records.ts'

/** What to find among the versions of one prompt. */
export interface VersionQuery {
  /** Keys as `versionNameKey` gives them. */
  readonly names?: readonly string[]
  readonly identity?: string
  readonly contentSha256?: string
}

export interface FoundVersions {
  /** By key; names that nothing claimed are absent. */
  readonly byName: ReadonlyMap<string, VersionRecord>
  /** The first version with this identity. */
  readonly sameIdentity: VersionRecord | null
  /** Every version with this text, in order. */
  readonly sameContent: readonly VersionRecord[]
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Hand it back to go on; `null` at the end. */
  readonly next: string | null
  /** Of prompts: true where seeded prompts may exist that no list shows before they are adopted. */
  readonly unadopted?: boolean
}

/** A listed prompt: its head with what a list shows of the versions that the head names. */
export interface PromptListing {
  readonly head: Head
  readonly latestStatus: Status | null
  readonly description: string | null
  readonly tags: readonly string[]
}

interface Paged {
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface PageQueries {
  /** All prompts, by id (code units). */
  prompts: Paged & {
    readonly of: 'prompts'
    readonly prefix?: string | undefined
    readonly source?: string | undefined
    /** Prompts whose stable or latest version has this status. */
    readonly status?: Status | undefined
  }
  /** Versions of a prompt, newest first. */
  versions: Paged & { readonly of: 'versions'; readonly promptId: PromptId }
  /** Events of a prompt, newest first. */
  events: Paged & { readonly of: 'events'; readonly promptId: PromptId }
  /** Names that are releases at or below one (all, where it is `null`), highest first. */
  releases: Paged & { readonly of: 'releases'; readonly promptId: PromptId; readonly from: Release | null }
}

export interface PageItems {
  prompts: PromptListing
  versions: VersionRecord
  events: PromptEvent
  releases: NameClaim
}

/**
 * Where prompts are kept. The callers are the operations in `api/registry`; adapters are `sqlite` and `aws`.
 *
 * Promises of every adapter:
 * - Reads of a head are strongly consistent: a `snapshot` that starts after a `commit` has answered sees it.
 * - A snapshot is one moment: the versions in it have the status that its head gives them.
 * - A commit is all or nothing, for readers too, also when the process is killed.
 * - What `snapshot` and `content` cost does not grow with versions, aliases, events or prompts.
 * - Texts come back byte for byte.
 * - Failures are `RegistryError`: `busy` where trying again later helps, else `unavailable`.
 */
export interface PromptStore {
  /** The prompt whose id equals this one up to case; the head says how it is written. */
  snapshot(id: PromptId): Promise<Snapshot | undefined>

  /** Versions of a prompt by name, identity or text. Nothing is found in a prompt that does not exist. */
  find(id: PromptId, query: VersionQuery): Promise<FoundVersions>

  /** The text of a version that a read of this store gave. */
  content(id: PromptId, version: VersionRecord): Promise<string>

  /**
   * Carries a change out where the prompt is still at `expectedRevision`, and says whether it did. A prompt
   * whose id differs by case counts as there.
   */
  commit(change: Change): Promise<boolean>

  page<K extends keyof PageQueries>(query: PageQueries[K] & { readonly of: K }): Promise<Page<PageItems[K]>>

  /** Rejects where the store cannot answer. */
  check(): Promise<void>
}
