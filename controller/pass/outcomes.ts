import type { ErrorCode } from '../../api/contract/errors.ts'
import type { BatchOutcome } from '../../api/contract/registry-api.ts'
import type { Change } from '../plan/changes.ts'

/**
 * What became of a change. `done` and `unchanged` are successes. `refused` waits for a person, and for the next
 * full pass; `held` for the hold to end; `lower` is a release below the highest, which has its name now. `failed`
 * is tried again.
 */
export type OutcomeKind = 'done' | 'unchanged' | 'held' | 'lower' | 'refused' | 'failed'

export interface Outcome {
  readonly change: Change
  readonly kind: OutcomeKind
  readonly code: ErrorCode | null
  readonly message: string | null
}

const TRY_AGAIN: readonly ErrorCode[] = [
  'busy',
  'unavailable',
  'internal',
  'lease_held',
  'lease_lost',
  'unauthorized',
  'read_only',
]

export function outcomeOf(change: Change, answer: BatchOutcome): Outcome {
  if (!answer.ok) return refusal(change, answer.code as ErrorCode, answer.error)
  const { result } = answer
  const changed = 'created' in result ? result.created : result.changed
  if (change.do === 'alias' && change.held === true) {
    return {
      change,
      kind: 'held',
      code: 'held',
      message: `The prompt "${change.id}" is frozen; release ${change.release} waits until the hold is lifted.`,
    }
  }
  if (change.do === 'alias' && change.frozenUntil !== undefined) {
    return {
      change,
      kind: 'held',
      code: 'held',
      message: `The source is in a freeze until ${change.frozenUntil}; release ${change.release} of "${change.id}" waits for its end.`,
    }
  }
  if (change.do === 'alias' && change.below !== undefined) {
    return {
      change,
      kind: 'lower',
      code: 'not_newer',
      message: `Release ${change.release} of "${change.id}" is below ${change.below}, which is released already; it names its version and promotes nothing.`,
    }
  }
  return { change, kind: changed ? 'done' : 'unchanged', code: null, message: null }
}

export function failure(change: Change, message: string): Outcome {
  return { change, kind: 'failed', code: null, message }
}

/** What the registry's refusal of a change means to the pass. */
export function refusal(change: Change, code: ErrorCode, message: string): Outcome {
  if (TRY_AGAIN.includes(code)) return { change, kind: 'failed', code, message }
  const moves = change.do === 'promote' || change.do === 'retire'
  if (moves && code === 'held') return { change, kind: 'held', code, message }
  if (moves && code === 'not_newer') return { change, kind: 'lower', code, message }
  return { change, kind: 'refused', code, message }
}

/** A promotion that the registry refused for its place on the release line still names its version. */
export function namingInstead({ change, kind }: Outcome): Change | null {
  return change.do === 'promote' && (kind === 'held' || kind === 'lower') ? { ...change, do: 'alias' } : null
}
