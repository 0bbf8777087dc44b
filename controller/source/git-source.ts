import type { Oid } from './oid.ts'
import { type SourceError, sourceError } from './source-error.ts'

export { SourceError, type SourceErrorCode } from './source-error.ts'

/** A tag in the remote's listing. Annotated tags are peeled: `commit` is never the tag object. */
export interface TagRef {
  readonly name: string
  readonly commit: Oid
  /** The tag object of an annotated tag; a lightweight tag has none. */
  readonly object?: Oid | undefined
}

/** A branch in the remote's listing. */
export interface BranchRef {
  /** Short name, such as `release/1.0`. */
  readonly name: string
  readonly commit: Oid
}

/** The two parts of a signed tag object. */
export interface TagSignature {
  /** The exact bytes that were signed. */
  readonly payload: Uint8Array
  /** The signature block of the object, from its line `-----BEGIN ...`. It is not verified here. */
  readonly armored: string
}

/** The content of a tag object. None of it is verified here. */
export interface TagObject {
  /** `Name <address>` in the object; `null` in very old objects without a tagger. */
  readonly tagger: string | null
  /** ISO 8601, UTC, from the tagger's line; `null` if the time is missing or invalid. */
  readonly taggedAt: string | null
  /** `null` if the tag is not signed. */
  readonly signature: TagSignature | null
}

/** The prefix of refs with evidence about versions. Each points at a file with an envelope. */
export const EVIDENCE_REFS = 'refs/promptctl/evidence/'

/** A ref with evidence. */
export interface EvidenceRef {
  /** Without `EVIDENCE_REFS`. */
  readonly name: string
  /** The object of the ref, which need not be a file. */
  readonly oid: Oid
}

/** A run of a check on a commit, such as a GitHub App's. */
export interface CheckRun {
  readonly name: string
  /** ID of the App that reports it. */
  readonly appId: number
  /** In the host's words, such as `success`; `null` while it runs. */
  readonly conclusion: string | null
  /** ISO 8601; `null` while it runs. */
  readonly completedAt: string | null
}

/** A commit, and the full name of a ref that points at it. */
export interface NamedCommit {
  readonly ref: string
  readonly commit: Oid
}

/**
 * The tracked branch, the release branches and every tag, read together, or the tags just before the branches. So
 * a tag is never listed without the commits that were pushed with it.
 */
export interface RefListing {
  /** Short name of the tracked branch; the remote's default branch if the source names none. */
  readonly branch: string
  readonly commit: Oid
  /**
   * The branches that the source's `isReleaseBranch` accepts, without the tracked one, sorted by name (code
   * units). Empty without that option.
   */
  readonly branches: readonly BranchRef[]
  /**
   * Sorted by name (code units). A host that lists the targets of tags leaves out tags of files and directories.
   * Git does not list targets: such a tag is listed, is never reachable, and has no tree (`object_missing`).
   */
  readonly tags: readonly TagRef[]
  /** The refs with evidence, sorted by name (code units). Absent unless the source reads evidence. */
  readonly evidence?: readonly EvidenceRef[] | undefined
  /** Other commits to make readable. They are not part of the refs. */
  readonly also?: readonly NamedCommit[] | undefined
}

/** A file in a commit's tree. Links and submodules are listed by their mode, directories are not. */
export interface TreeEntry {
  /** From the repository's root, `/` between segments. A name that is not valid UTF-8 is decoded with U+FFFD. */
  readonly path: string
  readonly mode: '100644' | '100755' | '120000' | '160000'
  readonly oid: Oid
}

/**
 * The part of a tree to read. Paths are names, not patterns. They are relative to the root, with `/` between
 * segments and none at either end.
 */
export interface TreeScope {
  /** Directories to read completely; `''` is the root. */
  readonly directories: readonly string[]
  /** Single files anywhere. */
  readonly files: readonly string[]
  /** The maximum number of entries. */
  readonly maxFiles: number
}

export interface Blob {
  readonly oid: Oid
  readonly bytes: Uint8Array
}

export interface CommitInfo {
  /** `Name <address>` in the commit. */
  readonly author: string
  /** ISO 8601, UTC, from the committer's line. */
  readonly committedAt: string
}

/**
 * A repository that the controller reads. The reconcile loop calls it. The adapters are `git` and, for machines
 * without a git binary, the hosts' APIs.
 *
 * Every adapter promises:
 * - `listRefs` is one request to the remote (to an API, at most three if nothing moved, and one more with evidence) and changes no local
 *   objects. A truncated listing is an error, never a shorter list.
 * - A snapshot's answers depend only on object names: the same call returns the same result.
 * - Any repository takes linear time and bounded memory. Beyond a limit, `too_large` names the cause: 100,000 tags,
 *   release branches and refs with evidence, 50,000 directories, 4,096 characters in a path, 1 MiB for a commit or tag object.
 * - A host that accepts a connection but sends nothing is `unreachable` after about ten seconds. A slow transfer
 *   is never cut while data arrives.
 * - Credentials appear in no error, argument, URL or file.
 * - Errors are `SourceError`s with a code of `SOURCE_ERRORS`. If the caller's signal aborts, the code is `failed`
 *   and the signal's reason is the cause. Any method that talks to the remote throws the connection errors:
 *   `unreachable`, `unauthorized`, `not_found`, `redirected`, `not_a_repository`, `rate_limited`, `proxy_refused`,
 *   `certificate_untrusted` and `host_key_untrusted`.
 */
export interface GitSource {
  /** Throws `empty`, `branch_missing`, `too_large` and connection errors. */
  listRefs(signal?: AbortSignal): Promise<RefListing>

  /**
   * Makes the listing's commits readable (of the branch, the release branches and all tags, with their history)
   * and returns a view of them. Sends no request if all objects are cached. If the cache is a repository on disk,
   * only one snapshot per cache is open at a time, across all processes: a second caller waits up to the adapter's
   * `lockTimeoutMs`, then gets `busy`.
   *
   * A tag can move or disappear between listing and opening. The snapshot then still has the listed commits, or
   * `open` throws `object_missing` (list again); it never has another commit's files. A damaged cache is
   * recreated, at once or at the next opening. Throws `repository_incomplete` if the repository itself lacks
   * objects, and `disk_full`, `cache_unwritable` and `cache_damaged` for the cache.
   *
   * An adapter for an API requests objects when the snapshot needs them, so each method of the snapshot throws
   * connection errors.
   */
  open(listing: RefListing, signal?: AbortSignal): Promise<GitSnapshot>

  /**
   * The head of a pull request, for the `also` of a listing. Only for hosts with pull requests. One request.
   * Throws `object_missing` if the number does not exist.
   */
  pullRequest?(number: number, signal?: AbortSignal): Promise<NamedCommit>

  /** The remaining requests, from the host's last response. Only for hosts with a quota. Sends no request. */
  quotas?(): readonly Quota[]
}

/** The host's request quota, from its last response. */
export interface Quota {
  /** The name of the quota. GitHub has `core` for REST, and `graphql`. */
  readonly resource: string
  readonly limit: number
  readonly remaining: number
  /** ISO 8601, UTC: the time at which `remaining` is `limit` again. */
  readonly resetAt: string
}

/**
 * A view of fetched objects. It holds the cache until it is closed. Calls may overlap. Closing stops running
 * calls, makes later calls throw `failed`, and is idempotent.
 */
export interface GitSnapshot {
  /**
   * The commit's files within the scope, sorted by path (bytes). A link, a submodule or a file at the path of a
   * scope directory, or of one of its parents, is returned too. Nothing else outside the scope is walked. Throws
   * `too_large` while listing if there are more than `maxFiles` files, or more than 50,000 directories (or
   * `maxFiles` directories, if that is larger). Throws `object_missing`.
   */
  tree(commit: Oid, scope: TreeScope): Promise<readonly TreeEntry[]>

  /**
   * Streams the blobs, each once, in any order, with only a few in memory at a time. Missing blobs are fetched in
   * one request. A blob larger than `maxBytes` has `tooLarge`, its size, instead of its bytes. Throws
   * `object_missing` if the remote does not have one. The caller may stop the iteration early.
   */
  blobs(
    oids: Iterable<Oid>,
    maxBytes: number,
  ): AsyncIterable<Blob | { readonly oid: Oid; readonly tooLarge: number }>

  /**
   * The commits that are one of the tips or an ancestor of one. Empty without tips. Throws `object_missing` only
   * for a tip.
   */
  reachable(commits: readonly Oid[], tips: readonly Oid[]): Promise<ReadonlySet<Oid>>

  /** The newest common ancestor; `null` if the histories are unrelated. Throws `object_missing`. */
  mergeBase(a: Oid, b: Oid): Promise<Oid | null>

  /** Throws `object_missing`, and `too_large` if it must read a commit of more than 1 MiB. */
  commit(oid: Oid): Promise<CommitInfo>

  /**
   * Listed tag objects. Missing objects are fetched in one request. The result may be incomplete: it ends after
   * 1,000 objects that need a request each, and after 64 MiB in all. A later view continues. Throws
   * `object_missing`, and `too_large` for an object of more than 1 MiB: the error's `object` names it, so that the
   * caller can skip it.
   */
  tagObjects(objects: Iterable<Oid>): Promise<ReadonlyMap<Oid, TagObject>>

  /**
   * The newest run of each check with this name on a commit, by App. Only for hosts with check runs. Throws
   * `unauthorized` if the credentials do not allow reading them, and `object_missing`.
   */
  checkRuns?(commit: Oid, name: string): Promise<readonly CheckRun[]>

  close(): Promise<void>
}

/** The error of every method of a closed view. */
export function viewClosed(): SourceError {
  return sourceError('failed', 'The view of the repository is closed.', { next: 'Open another.' })
}

export function noPullRequest(number: number): SourceError {
  const happened = `The repository has no pull request ${number}.`
  return sourceError('object_missing', happened, { next: 'Check the number.' })
}
