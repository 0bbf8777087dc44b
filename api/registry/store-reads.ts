import { RegistryError } from '../contract/errors.ts'
import { READS_DAYS } from '../contract/reads.ts'
import type { ReadStore } from '../store/read-store.ts'
import type { ReadCounter } from './read-counter.ts'

/**
 * Stores the counts so far, in as many additions as the store needs but at most `mostAdditions`. Throws what the
 * store throws; counts that were not stored are then counted again, unless they may have been stored: too few reads
 * never let a release through.
 */
export async function storeReads(
  counter: ReadCounter,
  store: ReadStore,
  mostAdditions = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (let addition = 0; addition < mostAdditions; addition++) {
    const counts = counter.take(store.mostCounts)
    if (counts.length === 0) return
    try {
      await store.add(counts, READS_DAYS.kept)
    } catch (error) {
      if (!isUnconfirmed(error)) counter.putBack(counts)
      throw error
    }
  }
}

function isUnconfirmed(error: unknown): boolean {
  return error instanceof RegistryError && error.details?.unconfirmed === true
}
