/** The pauses between attempts, in milliseconds. */
export interface Backoff {
  /** The longest pause before the first retry. */
  readonly firstMs: number
  /** The longest pause before any retry. */
  readonly longestMs: number
}

/**
 * The pause before a retry, in milliseconds. It doubles with each attempt. Up to half of it is taken off at random,
 * so that callers that failed together do not retry together. `attempt` starts at 1; `random`: at least 0, below 1.
 */
export function backoffMs(attempt: number, { firstMs, longestMs }: Backoff, random: number): number {
  const ms = Math.min(firstMs * 2 ** (attempt - 1), longestMs)
  return Math.round(ms * (0.5 + random / 2))
}
