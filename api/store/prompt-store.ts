import type { PromptId } from '../contract/prompt-id.ts'
import type { Release } from '../contract/release.ts'
import type { Status } from '../contract/version.ts'
import type { AtomicChange } from './atomic-change.ts'
import type { Head, NameClaim, PromptEvent, Snapshot, VersionRecord } from './records.ts'

/** A search among the versions of one prompt. */
export interface VersionQuery {
  /** Keys as returned by `versionNameKey`. */
  readonly names?: readonly string[]
  readonly identities?: readonly string[]
  /** SHA-256 of contents. */
  readonly contents?: readonly string[]
}

export interface FoundVersions {
  /** By key. Unclaimed names are omitted. */
  readonly byName: ReadonlyMap<string, VersionRecord>
  /** The first version with each identity. */
  readonly byIdentity: ReadonlyMap<string, VersionRecord>
  /** Every version with one of the contents, in order. */
  readonly sameContent: readonly VersionRecord[]
}

export interface Page<T> {
  readonly items: readonly T[]
  /** The cursor of the next page; `null` at the end. */
  readonly next: string | null
  /** For prompts: true if seeded prompts may exist that lists omit until they are adopted. */
  readonly unadopted?: boolean
  /** Rows of other programs that cannot be read. The page omits them. */
  readonly unreadable?: readonly UnreadableRow[]
}

export interface UnreadableRow {
  readonly row: string
  /** What happened, then what to do. */
  readonly problem: string
}

/** The columns of a version in lists. */
export type ListedVersion = Pick<
  VersionRecord,
  | 'version'
  | 'status'
  | 'identity'
  | 'payloadSha256'
  | 'release'
  | 'waiting'
  | 'description'
  | 'tags'
  | 'releasedAt'
>

/** A prompt in a list: its head, with the stable and latest versions as lists show them. */
export interface PromptListing {
  readonly head: Head
  readonly stable: ListedVersion | null
  readonly latest: ListedVersion | null
}

/** A prompt listed for search and counts. A store that reads fewer fields faster does so. */
export interface PromptSummary {
  readonly head: Pick<
    Head,
    | 'promptId'
    | 'stable'
    | 'stableBy'
    | 'withdrawn'
    | 'latest'
    | 'owner'
    | 'hold'
    | 'highest'
    | 'archived'
    | 'retired'
    | 'updatedAt'
  > &
    Partial<Pick<Head, 'latestBy'>>
  readonly stable: SummarizedVersion | null
  readonly latest: SummarizedVersion | null
}

export type SummarizedVersion = Pick<
  ListedVersion,
  'status' | 'release' | 'waiting' | 'description' | 'tags' | 'releasedAt'
>

export interface Paged {
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface PageQueries {
  /** All prompts, ordered by id (code units). */
  prompts: Paged & {
    readonly of: 'prompts'
    /** Include deleted prompts that still have an owner. */
    readonly withDeleted?: boolean | undefined
    readonly prefix?: string | undefined
    readonly source?: string | undefined
    /** Only prompts whose stable or latest version has this status. */
    readonly status?: Status | undefined
  }
  /** All prompts that are not deleted, in short, in the same order. */
  summaries: Paged & { readonly of: 'summaries' }
  /** Versions of a prompt, newest first. */
  versions: Paged & { readonly of: 'versions'; readonly promptId: PromptId }
  /** Events of a prompt, newest first. */
  events: Paged & { readonly of: 'events'; readonly promptId: PromptId }
  /** Names that are releases at or below `from` (all if `null`), highest first. */
  releases: Paged & { readonly of: 'releases'; readonly promptId: PromptId; readonly from: Release | null }
  /** Events of all prompts, oldest first. The last page also has a cursor, for events that follow later. */
  feed: Paged & { readonly of: 'feed' }
}

export interface PageItems {
  prompts: PromptListing
  summaries: PromptSummary
  versions: VersionRecord
  events: PromptEvent
  releases: Pick<NameClaim, 'name' | 'version' | 'release'>
  feed: PromptEvent
}

/**
 * The port to the storage of prompts. The operations in `api/registry` call it; the adapters are `sqlite` and
 * `aws`.
 *
 * Every adapter guarantees:
 * - Reads of a head are strongly consistent: a `snapshot` that starts after a `commit` has resolved sees it.
 * - A snapshot is consistent: its versions have the status that its head implies.
 * - A commit is atomic, for readers too, and even if the process is killed.
 * - The cost of `snapshot` and `content` does not grow with versions, aliases, events or prompts.
 * - Content is returned byte for byte.
 * - The feed has each committed event at least once, in order per prompt. The commit writes it.
 * - Failures are `RegistryError`: `busy` if a later retry may help, else `unavailable`.
 */
export interface PromptStore {
  /** The prompt with this id, ignoring case. The head has the exact spelling. */
  snapshot(id: PromptId): Promise<Snapshot | undefined>

  /** Finds versions of a prompt by name, identity or content. Empty if the prompt does not exist. */
  find(id: PromptId, query: VersionQuery): Promise<FoundVersions>

  /** The content of a version that was read from this store. */
  content(id: PromptId, version: VersionRecord): Promise<string>

  /** The text before the content in the version's file; empty if there is none. */
  frontMatter(id: PromptId, version: VersionRecord): Promise<string>

  /** A manifest or a file of a skill folder, by its digest. Throws `text_missing` if the prompt has no such text. */
  file(id: PromptId, sha256: string): Promise<string>

  /**
   * Commits a change if the prompt is still at `expectedRevision`, and returns whether it did. Ids that differ by
   * case are the same prompt.
   */
  commit(change: AtomicChange): Promise<boolean>

  /**
   * Deletes the versions, names, contents and files of a prompt that is marked as deleted, but keeps the records of
   * revoked versions. Can be interrupted and repeated. Ignores a prompt that is not marked.
   */
  purge(id: PromptId): Promise<void>

  page<K extends keyof PageQueries>(query: PageQueries[K] & { readonly of: K }): Promise<Page<PageItems[K]>>

  /** Rejects if the store cannot answer. */
  check(): Promise<void>
}
