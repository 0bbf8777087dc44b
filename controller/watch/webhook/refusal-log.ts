import type { RefusedDelivery } from './receiver.ts'

const AGAIN_MS = 60_000

/**
 * Logs why deliveries are refused: each reason of a source at most once a minute, because anyone can send any
 * number. `now` is in milliseconds since the epoch.
 */
export function createRefusalLog(log: (message: string) => void, now: () => number) {
  const logged = new Map<string, number>()
  return ({ source, status, sentence }: RefusedDelivery): void => {
    const reason = `${source} ${status} ${sentence}`
    const before = logged.get(reason)
    if (before !== undefined && now() - before < AGAIN_MS) return
    logged.set(reason, now())
    const to = source === null ? 'to an address without a webhook' : `for ${source}`
    log(`A webhook delivery ${to} was refused (${status}): ${sentence}`)
  }
}
