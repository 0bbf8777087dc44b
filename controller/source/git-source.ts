/** A commit, tree or blob name: lower-case hex, 40 digits (SHA-1) or 64 (SHA-256). */
export type Oid = string

/** A tag as the remote lists it. Annotated tags are peeled: `commit` is never the tag object. */
export interface TagRef {
  readonly name: string
  readonly commit: Oid
  /** The tag object of an annotated tag; a lightweight tag has none. */
  readonly object?: Oid | undefined
}

/** The two parts of a signed tag object. */
export interface TagSignature {
  /** The very bytes that were signed. */
  readonly payload: Uint8Array
  /** As it is in the object, with its first line `-----BEGIN ...`. Whether it is any good is not judged here. */
  readonly armored: string
}

/** A commit, and the full name of a ref at which the remote has it. */
export interface NamedCommit {
  readonly ref: string
  readonly commit: Oid
}

/**
 * The tracked branch and every tag, taken at one moment, or the tags just before the branch: never a tag without
 * the commits that were pushed with it.
 */
export interface RefListing {
  /** Short name of the tracked branch, the remote's default one where the source names none. */
  readonly branch: string
  readonly commit: Oid
  /**
   * Sorted by name (code units). Tags that point at a file or a directory are left out where the host tells;
   * git's own listing does not, and then they are listed, are never reachable, and have no tree
   * (`object_missing`).
   */
  readonly tags: readonly TagRef[]
  /** Commits that are to be readable too, and are no part of what the refs say. */
  readonly also?: readonly NamedCommit[] | undefined
}

/** A file in a commit's tree. Directories are not listed; symlinks and submodules are, told by their mode. */
export interface TreeEntry {
  /** From the repository's root, `/` between segments. A name that is not valid UTF-8 is decoded with U+FFFD. */
  readonly path: string
  readonly mode: '100644' | '100755' | '120000' | '160000'
  readonly oid: Oid
}

export interface Blob {
  readonly oid: Oid
  readonly bytes: Uint8Array
}

export interface CommitInfo {
  /** `Name <address>` as the commit has it. */
  readonly author: string
  /** ISO 8601, UTC, from the committer's line. */
  readonly committedAt: string
}

/**
 * A repository as the controller reads it. The caller is the reconcile loop; adapters are `git` and, for
 * places without a git binary, the hosts' APIs.
 *
 * Promises of every adapter:
 * - `listRefs` is one request to the remote (to an API, at most three while nothing moves) and changes no object
 *   locally. It either tells the whole truth or throws: a listing cut short is an error, never a shorter list.
 * - What a snapshot gives is a pure function of object names: asking twice gives the same answer.
 * - Credentials appear in no error, argument, URL or file.
 * - Errors are `SourceError`s, also when the caller's signal stops the work: `failed`, with the signal's reason
 *   as the cause.
 */
export interface GitSource {
  /** Throws `unreachable` (network, host, authentication), `branch_missing`, and `busy` where the host limits requests. */
  listRefs(signal?: AbortSignal): Promise<RefListing>

  /**
   * Makes the listing's commits readable (the branch's and all tags', with their history) and gives a view of
   * them. Where the cache is a repository on disk, at most one snapshot per cache is open at any time, over all
   * processes: a second caller waits, up to the adapter's `lockTimeoutMs`, then gets `busy`. Nothing is asked of
   * the remote when all is there already.
   *
   * A tag may move or go between listing and opening. The snapshot then still gives the listed commits, or
   * `open` throws `object_missing` (list again); it never gives another commit's files. Throws `unreachable`
   * and `failed` too. A cache that turns out to be damaged is made anew, at once or at the next opening.
   *
   * An adapter that reads objects by name from an API asks for them when the snapshot is asked; then each of its
   * methods throws `unreachable`, and `busy` where the host says to come back later (the message names the time).
   */
  open(listing: RefListing, signal?: AbortSignal): Promise<GitSnapshot>

  /**
   * The head of a pull request, for the `also` of a listing; only where hosts have such. One request. Throws
   * `object_missing` where there is no such number, and `unreachable`.
   */
  pullRequest?(number: number, signal?: AbortSignal): Promise<NamedCommit>

  /** What the host said last about the requests that are left; only where a host counts them. Asks nothing. */
  quotas?(): readonly Quota[]
}

/** The host's account of requests, as its newest answer told it. */
export interface Quota {
  /** Which account: GitHub has `core` for REST, and `graphql`. */
  readonly resource: string
  readonly limit: number
  readonly remaining: number
  /** ISO 8601, UTC: when `remaining` is `limit` again. */
  readonly resetAt: string
}

/**
 * A view of fetched objects; holds the cache until it is closed. Calls may overlap. Closing twice is harmless,
 * stops what is under way, and makes every later call throw `failed`.
 */
export interface GitSnapshot {
  /** Every file of the commit, sorted by path (bytes). Throws `object_missing`. */
  tree(commit: Oid): Promise<readonly TreeEntry[]>

  /**
   * The blobs, each once, in any order, streamed: at most a few are in memory at a time. Those missing locally
   * are asked of the remote in one request. A blob larger than `maxBytes` comes with `tooLarge`, its size,
   * instead of its bytes. Throws `object_missing` when the remote does not have one, and `unreachable`. The
   * iteration may be broken off.
   */
  blobs(
    oids: Iterable<Oid>,
    maxBytes: number,
  ): AsyncIterable<Blob | { readonly oid: Oid; readonly tooLarge: number }>

  /** Those of `commits` that are `tip` or an ancestor of it. Throws `object_missing` for `tip` only. */
  reachable(commits: readonly Oid[], tip: Oid): Promise<ReadonlySet<Oid>>

  /** The newest commit behind both, `null` where their histories have nothing in common. Throws `object_missing`. */
  mergeBase(a: Oid, b: Oid): Promise<Oid | null>

  /** Throws `object_missing`. */
  commit(oid: Oid): Promise<CommitInfo>

  /**
   * The signatures of listed tag objects, `null` for those that have none. Those missing locally are asked of the
   * remote in one request. An API that takes one for each may leave out some, the last ones first, after a thousand;
   * a later view goes on. Throws `object_missing`.
   */
  tagSignatures(objects: Iterable<Oid>): Promise<ReadonlyMap<Oid, TagSignature | null>>

  close(): Promise<void>
}

export type SourceErrorCode =
  | 'unreachable'
  | 'branch_missing'
  | 'object_missing'
  | 'busy'
  | 'git_missing'
  | 'failed'

/**
 * What went wrong with a repository. `message` is a sentence for the domain team with the next move; `cause`
 * (git's own words, scrubbed of credentials) is for the operator.
 */
export class SourceError extends Error {
  readonly code: SourceErrorCode

  constructor(code: SourceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'SourceError'
    this.code = code
  }
}

export function noPullRequest(number: number): SourceError {
  return new SourceError('object_missing', `The repository has no pull request ${number}: check the number.`)
}
