/** Times in milliseconds. */
export interface GitHubLimits {
  /** How often a request that failed on the way or inside the host is sent again. */
  readonly retries: number
  /** The first wait before that; it doubles. */
  readonly retryMs: number
  /** The longest that one request waits, in all, because the host limits how often it is asked. */
  readonly waitMs: number
  /** How long the host may take for an answer. */
  readonly answerMs: number
  /** Longer answers are refused. A listing of 5,000 tags has 2 MB, one of 100,000 files 25 MB. */
  readonly answerBytes: number
  /** From how many missing files on an archive of the whole commit is fetched instead. */
  readonly archiveFrom: number
  /** A commit with more than this in its files is never fetched as an archive. */
  readonly archiveBytes: number
  /** How many tag objects a view reads, each of which is a request; of 5,000 an hour, some are for other things. */
  readonly tagObjects: number
}

export const LIMITS: GitHubLimits = {
  retries: 3,
  retryMs: 500,
  waitMs: 60_000,
  answerMs: 60_000,
  answerBytes: 64 * 1024 * 1024,
  archiveFrom: 100,
  archiveBytes: 64 * 1024 * 1024,
  tagObjects: 1000,
}
