/** The part of a cache entry that decides how a call proceeds. Times are milliseconds of the client's clock. */
export interface Standing {
  /** When the registry last confirmed it. */
  readonly at: number
  readonly isRefusal: boolean
  /** No other text can ever come, only a revocation. */
  readonly immutable: boolean
  /** Of a set, so it holds until a revocation. */
  readonly lasts: boolean
  /** From a snapshot or a bundle, and not confirmed since. */
  readonly restored: boolean
  /** After a failed request the registry is not asked again before. */
  readonly retryAt: number
}

export interface Policy {
  readonly ttlMs: number
  readonly staleForMs: number
}

/**
 * - `use`: the known answer is fresh.
 * - `refresh`: use the known text now, and ask in the background.
 * - `ask_briefly`: ask, and use the known text if no answer comes within `PATIENCE_MS`.
 * - `ask`: ask until the deadline.
 */
export type Step = 'use' | 'refresh' | 'ask_briefly' | 'ask'

/** A refusal is remembered for at most so long. */
export const REFUSAL_TTL_MS = 5000
/** How long a call waits for an answer if a known text is older than `staleForMs`. */
export const PATIENCE_MS = 1000
/** How long after a failure the registry is not asked again for the same prompt. */
export const RETRY_AFTER_MS = 1000

export function nextStep(known: Standing | undefined, now: number, { ttlMs, staleForMs }: Policy): Step {
  if (known === undefined) return 'ask'
  if (known.lasts) return 'use'
  const age = now - known.at
  if (known.isRefusal) return age < Math.min(ttlMs, REFUSAL_TTL_MS) || now < known.retryAt ? 'use' : 'ask'
  if (age < ttlMs) return 'use'
  if (ttlMs === 0) return 'ask'
  const mustAsk = known.restored || (age >= staleForMs && !known.immutable)
  return mustAsk && now >= known.retryAt ? 'ask_briefly' : 'refresh'
}
