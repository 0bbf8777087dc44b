import type { RefusedDelivery } from './receiver.ts'

const AGAIN_MS = 60_000

/**
 * Logs why deliveries are refused: each reason of a source at most once a minute, because anyone can send any
 * number. `now` is in milliseconds since the epoch.
 */
export function createRefusalNews(tell: (message: string) => void, now: () => number) {
  const told = new Map<string, number>()
  return ({ source, status, sentence }: RefusedDelivery): void => {
    const reason = `${source} ${status} ${sentence}`
    const before = told.get(reason)
    if (before !== undefined && now() - before < AGAIN_MS) return
    told.set(reason, now())
    const to = source === null ? 'to an address without a webhook' : `for ${source}`
    tell(`A webhook delivery ${to} was refused (${status}): ${sentence}`)
  }
}
