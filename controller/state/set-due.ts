import { isHeldBySource, type SourceHoldLine } from '../../api/contract/release-line.ts'
import type { ChangeOutcome } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import { movesStable, type PlannedSet, type SetRelease } from '../plan/planned-set.ts'
import type { SourceState } from './source-state.ts'

/** Decides when a source's set moves. Pure. */

/** After how many passes a promotion that fails no longer holds back the others of its release. */
const DEFINITE_PASSES = 3

export type SetDue = SourceState['set_due']

/** Of a source without a complete pass. */
export const NEVER_MOVED: NonNullable<SetDue> = { release: null, passes: 0 }

/** The move that is due before the first change of a plan. A new release has all its passes. */
export function dueBefore(due: SetDue, planned: PlannedSet | null): SetDue {
  if (planned === null) return due
  const { release } = planned
  const isSame = due !== null && due.release?.tag === release?.tag
  return { release, passes: isSame ? due.passes : 0 }
}

export interface SetDecision {
  readonly moves: boolean
  /** The move that is due afterwards. */
  readonly due: SetDue
  /** Ids of the prompts that the set has with another version than planned. */
  readonly without: readonly string[]
}

/** Whether the set moves after these outcomes. A set with part of a release waits for the next passes. */
export function decideSet(
  due: SetDue,
  { set, current, backfill }: Pick<Plan, 'set' | 'current' | 'backfill'>,
  outcomes: Iterable<ChangeOutcome>,
): SetDecision {
  if (set === null) return { moves: false, due: null, without: [] }
  const failed = new Set<string>()
  for (const { kind, change } of outcomes) if (kind === 'failed') failed.add(change.id)
  const without: string[] = []
  for (const stage of failed.size === 0 ? [] : [current, backfill])
    for (const { id, changes } of stage) if (failed.has(id) && changes.some(movesStable)) without.push(id)
  if (without.length === 0) return { moves: true, due: null, without }
  const { release } = set
  const passes = (due?.passes ?? 0) + 1
  return { moves: passes >= DEFINITE_PASSES, due: { release, passes }, without }
}

/** The release of a move that an earlier pass left, unless a person rolled the source back from it since. */
export function unfinishedRelease(due: SetDue, hold: SourceHoldLine | null): SetRelease | null {
  const release = due?.release ?? null
  return release === null || isHeldBySource(hold, release.version) ? null : release
}
