import type { Entry } from './cache.ts'
import type { Attempt, TierName } from './errors.ts'
import type { Rendered } from './rendering/render.ts'
import type { Found, Question } from './tier.ts'

/**
 * A prompt, where it came from, and why from there. Frozen.
 *
 * @example
 * ```ts
 * const { text, release, reason }: Resolution = await client.resolve('support/triage')
 * ```
 */
export interface Resolution extends Found {
  /** As it was asked for. */
  readonly reference: string
  /** The tier that read it: `http` also for a text remembered from there. */
  readonly tier: TierName
  /** Milliseconds since a tier last confirmed it; 0 if that was now. */
  readonly ageMs: number
  /** True if it is older than the TTL: the registry may have a newer one. */
  readonly stale: boolean
  /**
   * - `answered`: by the first tier, now.
   * - `fallback`: by a later tier, now.
   * - `cached`: known, and within its TTL.
   * - `stale`: known and older than that; a refresh runs, or is due within a second.
   * - `last_known_good`: known; the registry was asked and did not answer.
   */
  readonly reason: 'answered' | 'fallback' | 'cached' | 'stale' | 'last_known_good'
  /** The tiers that failed before: in this call, or for a known text in its last refresh. */
  readonly attempts: readonly Attempt[]
}

/**
 * A prompt with its values filled in. `text` has the content of all messages, one after another.
 *
 * @example
 * ```ts
 * const { messages, release }: RenderedPrompt = await client.render('support/triage', { customer: 'Ada' })
 * ```
 */
export interface RenderedPrompt extends Resolution, Rendered {}

export function answered(
  { reference }: Question,
  found: Found,
  tier: TierName,
  attempts: readonly Attempt[],
): Resolution {
  const reason = attempts.length === 0 ? 'answered' : 'fallback'
  return Object.freeze({ ...found, reference, tier, ageMs: 0, stale: false, reason, attempts })
}

export function remembered(
  { question: { reference }, tier, at, attempts }: Entry,
  found: Found,
  now: number,
  reason: 'cached' | 'stale' | 'last_known_good',
): Resolution {
  const stale = reason !== 'cached'
  return Object.freeze({ ...found, reference, tier, ageMs: Math.max(0, now - at), stale, reason, attempts })
}
