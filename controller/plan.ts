import type { Change, PromptChanges, RetireChange } from './plan/changes.ts'
import { judgeMassChange, type MassChange, type MassChangeLimits } from './plan/mass-change.ts'
import type { Observed, Quarantined } from './plan/observed.ts'
import { planPrompt, withRemoval } from './plan/plan-prompt.ts'
import type { TagReport } from './releases/tag-reports.ts'
import type { Oid } from './source/git-source.ts'

export interface PlanSettings {
  /** How many of a prompt's newest releases a first or full pass names. */
  readonly backfill: number
  readonly prereleases: boolean
  /** Whether a release that has a prompt no more takes it out of service. */
  readonly prune: boolean
  /** `false`: no change is too much. */
  readonly massChange: MassChangeLimits | false
  /** Until when nothing is promoted, as ISO 8601; `null` outside of freezes. */
  readonly frozenUntil: string | null
}

/** All that a pass will do. `promptctl plan` prints it, `sync` carries it out. */
export interface Plan {
  readonly source: string
  readonly branch: string
  readonly commit: Oid
  readonly kind: Observed['kind']
  readonly layout: Observed['layout']
  /** What a person must confirm before any of this is done; `null` where nothing. */
  readonly massChange: MassChange | null
  /** Each prompt's newest release and its draft. */
  readonly current: readonly PromptChanges[]
  /** Older releases, which only get their versions and names. */
  readonly backfill: readonly PromptChanges[]
  /** Prompts that stay in service until the end of a freeze. */
  readonly waiting: readonly string[]
  readonly counted: Observed['counted']
  readonly verification: Observed['verification']
  readonly quarantined: readonly Quarantined[]
  readonly ignored: readonly Quarantined[]
  readonly reports: readonly TagReport[]
}

/** Decides what is to be done so that the registry has what git has. */
export function makePlan(observed: Observed, settings: PlanSettings): Plan {
  const drafts = new Map(observed.drafts.map((draft) => [draft.id, draft]))
  const gone = [...observed.known.keys()].filter((id) => !observed.branchIds.has(id))
  const ids = [...new Set([...drafts.keys(), ...observed.releases.keys(), ...gone])].sort()
  const plans = ids.map((id) =>
    withRemoval(planPrompt(id, drafts.get(id), observed, settings), observed, settings),
  )
  const { source, branch, commit, kind, layout, counted, verification, quarantined, ignored } = observed
  const plan = {
    source,
    branch,
    commit,
    kind,
    layout,
    current: plans.map(({ id, current }) => ({ id, changes: current })).filter(hasChanges),
    backfill: plans.map(({ id, backfill }) => ({ id, changes: backfill })).filter(hasChanges),
    waiting: plans.flatMap(({ id, waits }) => (waits ? [id] : [])),
    counted,
    verification,
    quarantined,
    ignored,
    reports: [...observed.reports, ...plans.flatMap((plan) => plan.conflicts)],
  }
  return { ...plan, massChange: massChangeOf(observed, plan.current, settings) }
}

function massChangeOf(
  { standing, known }: Observed,
  current: Plan['current'],
  { massChange }: PlanSettings,
): MassChange | null {
  if (standing === null || massChange === false) return null
  const replaced = current.flatMap(({ id, changes }) => {
    const { stable = null, hold = null } = known.get(id) ?? {}
    // The version that was rolled back from does not come while the hold lasts.
    const stays = [stable, hold?.rolled_back_from]
    const isOther = (change: Change) =>
      change.do === 'promote' && stable !== null && !stays.includes(change.label)
    return changes.some(isOther) ? [id] : []
  })
  const retired = current.flatMap(({ id, changes }) => (changes.some(isRetirement) ? [id] : []))
  return judgeMassChange({ ...standing, replaced, retired, owned: known.size }, massChange)
}

function isRetirement(change: Change): change is RetireChange {
  return change.do === 'retire'
}

/** How many changes a plan has. */
export function countChanges(plan: Plan): number {
  return [...plan.current, ...plan.backfill].reduce((sum, { changes }) => sum + changes.length, 0)
}

function hasChanges({ changes }: PromptChanges): boolean {
  return changes.length > 0
}
