import type { Refused } from './receiver.ts'

const AGAIN_MS = 60_000

/**
 * Tells why deliveries are refused, a reason of a source at most once a minute: anyone may send as many as they like.
 * `now` in milliseconds since the epoch.
 */
export function createRefusalNews(tell: (message: string) => void, now: () => number) {
  const told = new Map<string, number>()
  return ({ source, status, sentence }: Refused): void => {
    const reason = `${source} ${status} ${sentence}`
    const before = told.get(reason)
    if (before !== undefined && now() - before < AGAIN_MS) return
    told.set(reason, now())
    tell(`A webhook delivery for ${source} was refused (${status}): ${sentence}`)
  }
}
