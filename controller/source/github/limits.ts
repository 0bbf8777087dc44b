import type { Backoff } from '../../../api/contract/retry.ts'

/** Times in milliseconds. */
export interface GitHubLimits {
  /** The number of retries after a network failure or a server error. */
  readonly retries: number
  /** The waits before these retries. */
  readonly backoff: Backoff
  /** The longest total wait of a request because of the host's rate limits. */
  readonly waitMs: number
  /** How long the host may take to begin a response. GitHub cancels a request after 10 seconds. */
  readonly firstByteMs: number
  /** How long the host may be silent during a response. */
  readonly silenceMs: number
  /** Longer responses are refused. A listing of 5,000 tags has 2 MB, one of 100,000 files 25 MB. */
  readonly answerBytes: number
  /** The number of missing files from which the archive of a commit is fetched instead. */
  readonly archiveFrom: number
  /** The archive of a commit with more bytes in its files is never fetched. */
  readonly archiveBytes: number
  /**
   * The number of tag objects that a view reads with a request each: only a part of the 5,000 requests an hour.
   */
  readonly tagObjects: number
  /**
   * The most commits to walk for reachability: 1,000 of the 5,000 requests an hour, and about 30 MB.
   */
  readonly historyCommits: number
}

/** For requests that may fail but must not delay a pass. */
export const BRIEF: Partial<GitHubLimits> = {
  retries: 1,
  waitMs: 2_000,
  firstByteMs: 10_000,
  silenceMs: 10_000,
}

export const LIMITS: GitHubLimits = {
  retries: 3,
  backoff: { firstMs: 500, longestMs: 10_000 },
  waitMs: 60_000,
  firstByteMs: 12_000,
  silenceMs: 30_000,
  answerBytes: 64 * 1024 * 1024,
  archiveFrom: 100,
  archiveBytes: 64 * 1024 * 1024,
  tagObjects: 1000,
  historyCommits: 100_000,
}
