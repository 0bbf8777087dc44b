import type { RegistryError } from '../api/contract/errors.ts'
import type { Attempt, TierName } from './errors.ts'
import type { Found, Question } from './tier.ts'

/** The registry tiers' combined answer about one prompt. `attempts` are the tiers that failed before. */
export type Outcome =
  | Settled
  /** The text that the entity tag names is still right. */
  | { readonly kind: 'unchanged'; readonly tier: TierName; readonly attempts: readonly Attempt[] }

/** The same for a caller. */
export type Settled = Answered | Refused | Failed

export interface Answered {
  readonly kind: 'found'
  readonly found: Found
  readonly etag: string | undefined
  readonly tier: TierName
  readonly attempts: readonly Attempt[]
}

export interface Refused {
  readonly kind: 'refused'
  readonly refusal: RegistryError
  readonly tier: TierName
  /** With the refusal. */
  readonly attempts: readonly Attempt[]
}

export interface Failed {
  readonly kind: 'failed'
  readonly attempts: readonly Attempt[]
  readonly errors: readonly unknown[]
}

/** Nothing was asked, or nobody heard the answer. */
export const NOTHING: Failed = { kind: 'failed', attempts: [], errors: [] }

/**
 * Whether no other place may be searched: a withdrawn prompt must not come from a file. A prompt that the
 * registry does not have, or has never released, may: an agent can ship a prompt before its team connects the
 * repository.
 */
export function endsSearch({ code, details }: RegistryError, { parsed }: Pick<Question, 'parsed'>): boolean {
  if (code === 'not_released') return parsed.pin !== undefined || details?.never !== true
  return code !== 'not_found'
}
