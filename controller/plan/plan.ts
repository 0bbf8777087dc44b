import { createEvidenceJudge } from '../evidence/judge-evidence.ts'
import type { PromotesFrom } from '../evidence/promotes-from.ts'
import type { Requirement } from '../evidence/requirement.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { PassScope } from '../findings/findings.ts'
import type { Oid } from '../source/oid.ts'
import type { List } from '../values/packed-list.ts'
import { eachChange, type PlannedChange, type PromptChanges, type RefusedChange } from './changes.ts'
import type { MassChange, MassChangeLimits } from './mass-change.ts'
import type { PlanInput, PromptsInput } from './plan-input.ts'
import { type PromptPlan, type PromptSettings, planPrompt } from './plan-prompt.ts'
import type { PlannedSet } from './planned-set.ts'

export interface PlanSettings extends Omit<PromptSettings, 'evidence'> {
  /** The evidence that releases need. */
  readonly require: readonly Requirement[]
  /** Where releases must have served before. Default: nowhere. */
  readonly promotesFrom?: PromotesFrom | undefined
  /** `false`: no limit. */
  readonly massChange: MassChangeLimits | false
}

/** All changes that a pass will make. `promptctl plan` prints it, `sync` carries it out. */
export interface Plan {
  readonly source: string
  readonly branch: string
  readonly commit: Oid
  readonly kind: PlanInput['kind']
  /** Must be confirmed before any of this is applied; `null` if it needs no confirmation. */
  readonly massChange: MassChange | null
  /** Changes for each prompt's newest release and draft. */
  readonly current: List<PromptChanges>
  /** Changes for older releases, which only add versions and names. */
  readonly backfill: List<PromptChanges>
  /** Changes that are skipped because the registry would refuse them. */
  readonly refused: readonly RefusedChange[]
  /** Findings about the repository, its tags and its prompts. */
  readonly findings: readonly NewFinding[]
  readonly scope: PassScope
  readonly layout: PlanInput['layout']
  readonly counted: PlanInput['counted']
  readonly unsettled: PlanInput['unsettled']
  readonly tags: PlanInput['tags']
  readonly unverified: PlanInput['unverified']
  readonly ignored: PlanInput['ignored']
  /** `null` if the source's set stays. */
  readonly set: PlannedSet | null
}

/**
 * Plans the changes of some prompts, by id. `takes`: whether the registry has the branch's version of another prompt
 * afterwards. Pure.
 */
export function planPrompts(
  input: PromptsInput,
  { require, promotesFrom, ...given }: PlanSettings,
  takes: (id: string) => boolean = () => false,
): PromptPlan[] {
  const settings = { ...given, evidence: createEvidenceJudge(require, promotesFrom) }
  const drafts = new Map(input.drafts.map((draft) => [draft.id, draft]))
  const ids = [...new Set([...drafts.keys(), ...input.releases.keys(), ...input.gone])].sort()
  const withDrafts = new Map([...drafts].map(([id, draft]) => [id, planPrompt(id, draft, input, settings)]))
  const targetOf = targetsOf(input.moves, (id) => withDrafts.get(id)?.takesDraft ?? takes(id))
  return ids.map((id) => withDrafts.get(id) ?? planPrompt(id, undefined, input, settings, targetOf(id)))
}

/** Where each prompt moved; `undefined` if it did not, or if the registry refuses the new prompt. */
function targetsOf({ declared, found }: PlanInput['moves'], takes: (id: string) => boolean) {
  return (id: string): string | undefined => {
    const to = found.get(id)
    return declared.get(id) ?? (to !== undefined && takes(to) ? to : undefined)
  }
}

/** Whether a plan would change nothing. */
export function isEmpty({ set, current, backfill }: Plan): boolean {
  return set === null && current.length + backfill.length === 0
}

/** Every change, in the order in which they are applied. */
export function changesOf(plan: Pick<Plan, 'current' | 'backfill'>): PlannedChange[] {
  return [...eachChange(plan)]
}
