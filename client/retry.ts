import { type Backoff, backoffMs } from '../api/contract/retry.ts'

const BUCKET = 10
const REFILL = 0.1
const RETRIES = 2
const BACKOFF: Backoff = { firstMs: 100, longestMs: 200 }

/** Retries that all calls share, so that they never multiply the load on a registry that is failing. */
export interface RetryBudget {
  /** To be told of every call. */
  refill(): void
  take(): boolean
}

export function createRetryBudget(): RetryBudget {
  let left = BUCKET
  return {
    refill() {
      left = Math.min(BUCKET, left + REFILL)
    },
    take() {
      if (left < 1) return false
      left -= 1
      return true
    },
  }
}

/**
 * The pause before the next retry after `retries` of them, in milliseconds; `undefined` if none is left. `Retry-After`
 * replaces the backoff.
 */
export function retryDelayMs(
  retries: number,
  random: () => number,
  retryAfterMs: number | undefined,
): number | undefined {
  if (retries >= RETRIES) return undefined
  return retryAfterMs ?? backoffMs(retries + 1, BACKOFF, random())
}
