import { type Backoff, backoffMs } from '../../api/contract/retry.ts'
import type { Runtime } from '../values/runtime.ts'
import { type BusEntry, callsOf, entryOf } from './bus-entries.ts'
import type { SendAll } from './send.ts'

/** Makes one call. Returns the problem of each entry, `null` if it was accepted. Throws if the call fails. */
export type PutEntries = (entries: readonly BusEntry[], signal: AbortSignal) => Promise<(string | null)[]>

const BACKOFF: Backoff = { firstMs: 200, longestMs: 5000 }
const MOST_ATTEMPTS = 5

/**
 * Sends notifications to a bus. Entries that it does not accept are sent again by themselves, so they may arrive after
 * later ones: EventBridge keeps no order.
 */
export function createBusSender(
  put: PutEntries,
  { pause, random }: Pick<Runtime, 'pause' | 'random'>,
): SendAll {
  return async (notifications, signal) => {
    let accepted = 0
    for (const entries of callsOf(notifications.map(entryOf))) {
      let left: readonly BusEntry[] = entries
      for (let attempt = 1; left.length > 0; attempt++) {
        const problems = await attemptOf(put, left, signal)
        left = left.filter((_, index) => problems[index] !== null)
        if (left.length === 0) break
        if (attempt === MOST_ATTEMPTS) return { accepted, problem: String(problems.find(Boolean)) }
        await pause(backoffMs(attempt, BACKOFF, random()), signal)
      }
      accepted += entries.length
    }
    return { accepted, problem: null }
  }
}

async function attemptOf(
  put: PutEntries,
  entries: readonly BusEntry[],
  signal: AbortSignal,
): Promise<(string | null)[]> {
  try {
    return await put(entries, signal)
  } catch (error) {
    signal.throwIfAborted()
    return entries.map(() => (error as Error).message)
  }
}
