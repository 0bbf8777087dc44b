import type { Oid } from './oid.ts'

/** The pull request that brought a commit to its branch. */
export interface MergedPullRequest {
  readonly number: number
  /** The login of its author; `null` if the account was deleted. */
  readonly author: string | null
  /** Logins of people with write access whose last review approved it. At most 20. */
  readonly approvedBy: readonly string[]
}

/**
 * The merged pull requests of commits; `null` for a commit without one. Commits that could not be looked up are
 * absent. Rejects only if the signal aborts.
 */
export type FindPullRequests = (
  commits: readonly Oid[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<Oid, MergedPullRequest | null>>
