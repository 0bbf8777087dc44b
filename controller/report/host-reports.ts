import type { NamedCommit, Oid } from '../source/git-source.ts'

/** What a host shows beside a commit. */
export interface CommitStatus {
  readonly commit: Oid
  /** Who says it: a newer status of the same context replaces the older one. */
  readonly context: string
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  /** One line of at most 140 characters, which is GitHub's limit. */
  readonly description: string
  /** Where people are led who want to know more. */
  readonly targetUrl: string | null
}

/** A pull request that is open. */
export interface OpenPullRequest {
  readonly number: number
  readonly head: NamedCommit
  /** Whether its head lies in another repository, which strangers may write to. */
  readonly fork: boolean
}

export interface Comment {
  readonly id: number
  readonly body: string
}

/**
 * Where a host tells people what becomes of their commits. The caller is the reporting of a pass.
 *
 * Promises of every adapter: errors are `SourceError`s: `failed` where the host refuses for good or the signal
 * stops the work, `unreachable` and `busy` (the host limits requests) where another try makes sense. Its credentials
 * are in no error, and in nothing that it sends but the header they belong to.
 */
export interface HostReports {
  setStatus(status: CommitStatus, signal?: AbortSignal): Promise<void>
  /** Those that would be merged into the branch, the one that moved last first; at most 100. */
  openPullRequests(branch: string, signal?: AbortSignal): Promise<readonly OpenPullRequest[]>
  /** The first comment below the pull request that begins with `marker` and was written with these credentials. */
  findComment(pullRequest: number, marker: string, signal?: AbortSignal): Promise<Comment | null>
  /** Replaces the comment `id`, or writes a new one where it is `null` or gone. Gives the comment's id. */
  writeComment(pullRequest: number, id: number | null, body: string, signal?: AbortSignal): Promise<number>
}
