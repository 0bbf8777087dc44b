import type { ErrorCode } from '../../api/contract/errors.ts'
import type { BatchOutcome } from '../../api/contract/registry-api.ts'
import type { NameChange, PlannedChange, PromoteChange } from './changes.ts'

/**
 * The result of a change. `done`: as planned. Anything else means that the registry changed after the plan was
 * made. `unchanged`: it already has the change. `held`: the promotion waits. `lower`: a higher release was
 * promoted first. `refused`: waits for a person. `failed`: will be retried.
 */
export type OutcomeKind = 'done' | 'unchanged' | 'held' | 'lower' | 'refused' | 'failed'

export interface ChangeOutcome {
  readonly change: PlannedChange
  readonly kind: OutcomeKind
  readonly code: ErrorCode | null
  readonly message: string | null
}

const TRY_AGAIN: readonly ErrorCode[] = [
  'busy',
  'unavailable',
  'storage_full',
  // Somebody read it after the plan was made. The next plan reports that.
  'in_use',
  'internal',
  'lease_held',
  'lease_lost',
  'unauthorized',
  'read_only',
]

export function outcomeOf(change: PlannedChange, answer: BatchOutcome): ChangeOutcome {
  if (!answer.ok) return refusal(change, answer.code as ErrorCode, answer.error)
  return { change, kind: answer.result.applied ? 'done' : 'unchanged', code: null, message: null }
}

export function failure(change: PlannedChange, message: string): ChangeOutcome {
  return { change, kind: 'failed', code: null, message }
}

/** Maps a refusal by the registry to an outcome. */
export function refusal(change: PlannedChange, code: ErrorCode, message: string): ChangeOutcome {
  if (TRY_AGAIN.includes(code)) return { change, kind: 'failed', code, message }
  const moves = change.do === 'promote' || change.do === 'retire'
  if (moves && (code === 'held' || code === 'breaking_inputs')) return { change, kind: 'held', code, message }
  if (moves && code === 'not_newer') return { change, kind: 'lower', code, message }
  return { change, kind: 'refused', code, message }
}

/** A promotion that is held or too low still names its version. */
export function namingInstead({ change, kind }: ChangeOutcome): NameChange | null {
  if (change.do !== 'promote' || (kind !== 'held' && kind !== 'lower')) return null
  return { ...withoutSwap(change), do: 'name', standing: kind === 'held' ? 'waits' : 'counts' }
}

function withoutSwap({ id, version, identity, release, tag, commit }: PromoteChange) {
  return { id, version, identity, release, tag, commit }
}
