import type { CircuitState } from './breaker.ts'
import type { Cache } from './cache.ts'
import type { GuardedTier } from './guarded-tier.ts'
import type { RegistryTier } from './tier.ts'

/**
 * Counts since the client was made, and how it stands.
 *
 * @example
 * ```ts
 * const { hits, misses } = client.metrics()
 * const hitRate = hits / (hits + misses)
 * ```
 */
export interface ClientMetrics {
  /** Calls that a fresh text answered, without a request. */
  readonly hits: number
  /** All other calls. */
  readonly misses: number
  /** Requests to registries, retries included. */
  readonly requests: number
  readonly retries: number
  /** Requests, or parts of one, that failed. */
  readonly failures: number
  /** Prompts and sets that are being asked for now. */
  readonly inFlight: number
  readonly evictions: number
  readonly entries: number
  readonly bytes: number
  /** Whether each registry tier is asked (`closed`), left alone (`open`) or tried by one call (`half_open`). */
  readonly circuits: Readonly<Partial<Record<RegistryTier['name'], CircuitState>>>
}

export interface Counters {
  /** Grows with every prompt that is asked for, so it also orders uses. */
  calls: number
  misses: number
  requests: number
  retries: number
  failures: number
}

export function createCounters(): Counters {
  return { calls: 0, misses: 0, requests: 0, retries: 0, failures: 0 }
}

interface Measured {
  readonly cache: Pick<Cache, 'entries' | 'bytes' | 'evictions'>
  readonly counters: Counters
  readonly tiers: readonly GuardedTier[]
  readonly resolver: { readonly inFlight: number }
  readonly pointers: { readonly inFlight: number }
}

export function clientMetrics({ cache, counters, tiers, resolver, pointers }: Measured): ClientMetrics {
  const { entries, bytes, evictions } = cache
  const { calls, ...counts } = counters
  const circuits = Object.fromEntries(tiers.map(({ tier, breaker }) => [tier.name, breaker.state]))
  return {
    hits: calls - counts.misses,
    ...counts,
    inFlight: resolver.inFlight + pointers.inFlight,
    evictions,
    entries: entries.size,
    bytes,
    circuits,
  }
}
