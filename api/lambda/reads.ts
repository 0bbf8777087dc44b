import type { ReadCounter } from '../registry/read-counter.ts'
import { storeReads } from '../registry/store-reads.ts'
import type { Budget } from '../store/budget.ts'
import type { ReadStore } from '../store/read-store.ts'
import { withBudget } from './budget.ts'

/** Counts reads between invocations, and stores them in one. */
export interface FunctionReads {
  readonly counter: ReadCounter
  /** Stores the counts, if the last time is long ago. Never rejects. */
  storeIfDue(remainingMs: number): Promise<void>
}

export interface FunctionReadsOptions {
  readonly counter: ReadCounter
  readonly storeWithin: (budget: Budget) => ReadStore
  /** Milliseconds from a monotonic clock. */
  readonly clock: () => number
  readonly onFailure: (error: unknown) => void
}

/** The first read of an instance is stored at once, because there may be no other. */
const EVERY_MS = 10_000
/** How long a response may wait for it. */
const MOST_MS = 500

/**
 * A function does not run between invocations, so one response in `EVERY_MS` waits for one write. Counts that do not
 * fit into it wait for the next.
 */
export function createFunctionReads(options: FunctionReadsOptions): FunctionReads {
  const { counter, storeWithin, clock, onFailure } = options
  let last = Number.NEGATIVE_INFINITY
  return {
    counter,
    async storeIfDue(remainingMs) {
      if (counter.isEmpty || clock() - last < EVERY_MS) return
      last = clock()
      const totalMs = Math.min(MOST_MS, remainingMs / 2)
      try {
        await withBudget({ totalMs, stallMs: totalMs }, (budget) =>
          storeReads(counter, storeWithin(budget), 1),
        )
      } catch (error) {
        onFailure(error)
      }
    },
  }
}
