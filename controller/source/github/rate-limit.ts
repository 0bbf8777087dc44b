import type { Quota } from '../git-source.ts'
import { RateLimited } from './errors.ts'

/** Delays requests if the host asked to wait. */
export interface Gate {
  /**
   * Waits until `resource` accepts requests, up to `patienceMs`. Returns the wait in milliseconds. Throws
   * `RateLimited` at once if the host requires a longer wait.
   */
  pass(resource: string, patienceMs: number, signal?: AbortSignal): Promise<number>
  /** Reads the quota from the headers of a response. */
  update(headers: Headers): void
  /** Whether the response is a rate limit. If so, closes the gate. */
  refused(resource: string, response: Response, words: string): boolean
  quotas(): readonly Quota[]
}

export interface GateOptions {
  readonly now: () => number
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly onQuota?: ((quota: Quota) => void) | undefined
}

const ALL = '*'
// GitHub's required wait if the response has no time. It doubles with each refusal in a row.
const SECONDARY_MS = 60_000

export function createGate({ now, random, pause, onQuota }: GateOptions): Gate {
  const quotas = new Map<string, Quota>()
  const closedUntil = new Map<string, number>()
  let refusals = 0
  const close = (resource: string, until: number) =>
    closedUntil.set(resource, Math.max(until, closedUntil.get(resource) ?? 0))

  return {
    async pass(resource, patienceMs, signal) {
      const until = Math.max(closedUntil.get(resource) ?? 0, closedUntil.get(ALL) ?? 0)
      const wait = until - now()
      if (wait <= 0) return 0
      if (wait > patienceMs) throw new RateLimited(until, now())
      // Jitter, so that waiting clients do not all retry at once.
      const ms = Math.ceil(wait + random() * 1000)
      await pause(ms, signal)
      return ms
    },
    update(headers) {
      const quota = quotaOf(headers)
      if (!quota) return
      quotas.set(quota.resource, quota)
      if (quota.remaining === 0) close(quota.resource, Date.parse(quota.resetAt))
      onQuota?.(quota)
    },
    refused(resource, response, words) {
      if (response.ok) refusals = 0
      const time = comeBack(response, words, now(), SECONDARY_MS * 2 ** refusals)
      if (time === undefined) return false
      // A secondary limit covers all requests with these credentials.
      close(time.secondary ? ALL : resource, time.until)
      refusals = Math.min(refusals + 1, 6)
      return true
    },
    quotas: () => [...quotas.values()],
  }
}

function quotaOf(headers: Headers): Quota | undefined {
  const number = (name: string) => Number(headers.get(`x-ratelimit-${name}`) ?? Number.NaN)
  const [limit, remaining, reset] = [number('limit'), number('remaining'), number('reset')]
  if (![limit, remaining, reset].every(Number.isSafeInteger) || Math.abs(reset) > 8.64e12) return undefined
  const resource = headers.get('x-ratelimit-resource') ?? 'core'
  return { resource, limit, remaining, resetAt: new Date(reset * 1000).toISOString() }
}

/** When the host accepts requests again; `undefined` if the response is not a rate limit. */
function comeBack(
  { status, headers }: Response,
  words: string,
  now: number,
  secondaryMs: number,
): { until: number; secondary: boolean } | undefined {
  if (status !== 403 && status !== 429) return undefined
  const after = Number(headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(after)) return { until: now + Math.max(after, 1) * 1000, secondary: true }
  const quota = quotaOf(headers)
  // If the clocks differ, the time may have passed here but not on the host.
  if (quota?.remaining === 0)
    return { until: Math.max(Date.parse(quota.resetAt), now + secondaryMs / 12), secondary: false }
  const secondary = status === 429 || /secondary rate limit|abuse detection/i.test(words)
  return secondary ? { until: now + secondaryMs, secondary } : undefined
}
