import type { NamedCommit } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** A commit status on a git host. */
export interface CommitStatus {
  readonly commit: Oid
  /** A newer status with the same context replaces the older one. */
  readonly context: string
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  /** One line of at most 140 characters, which is GitHub's limit. */
  readonly description: string
  /** The link for details. */
  readonly targetUrl: string | null
}

/** An open pull request. */
export interface OpenPullRequest {
  readonly number: number
  readonly head: NamedCommit
  /** Whether the head is in another repository, where strangers may write. */
  readonly fork: boolean
}

export interface Comment {
  readonly id: number
  readonly body: string
}

/**
 * A git host that shows commit statuses and comments. The reporting of a pass calls it.
 *
 * Every adapter throws `SourceError`s: `failed` if the host refuses for good or the signal aborts, `unreachable`
 * or `rate_limited` if a retry makes sense. It sends credentials only in their header, and puts them in no error.
 */
export interface HostReports {
  setStatus(status: CommitStatus, signal?: AbortSignal): Promise<void>
  /** The open pull requests to the branch, most recently updated first; at most 100. */
  openPullRequests(branch: string, signal?: AbortSignal): Promise<readonly OpenPullRequest[]>
  /** The first comment on the pull request that begins with `marker` and was written with these credentials. */
  findComment(pullRequest: number, marker: string, signal?: AbortSignal): Promise<Comment | null>
  /** Replaces the comment `id`, or creates one if it is `null` or gone. Returns the comment's id. */
  writeComment(pullRequest: number, id: number | null, body: string, signal?: AbortSignal): Promise<number>
}
