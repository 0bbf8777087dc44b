import { createEvidenceJudge } from '../evidence/judge-evidence.ts'
import type { PromotesFrom } from '../evidence/promotes-from.ts'
import type { Requirement } from '../evidence/requirement.ts'
import type { NewFinding } from '../findings/finding.ts'
import type { PassScope } from '../findings/findings.ts'
import { conflictingTag, lowerTag } from '../releases/tag-findings.ts'
import type { Oid } from '../source/oid.ts'
import type { PlannedChange, PromptChanges, RefusedChange } from './changes.ts'
import { unattestedTag } from './evidence-findings.ts'
import { judgeMassChange, type MassChange, type MassChangeLimits } from './mass-change.ts'
import type { DesiredRelease, PlanInput } from './plan-input.ts'
import { type PromptPlan, type PromptSettings, planPrompt } from './plan-prompt.ts'
import { type PlannedSet, planSet } from './planned-set.ts'

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
  readonly current: readonly PromptChanges[]
  /** Changes for older releases, which only add versions and names. */
  readonly backfill: readonly PromptChanges[]
  /** Changes that are skipped because the registry would refuse them. */
  readonly refused: readonly RefusedChange[]
  /** Releases whose promotion depends on evidence, whether or not there is any. */
  readonly gated: readonly DesiredRelease[]
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

/** Plans the changes that bring the registry in line with git. Pure. */
export function makePlan(input: PlanInput, { require, promotesFrom, ...given }: PlanSettings): Plan {
  const settings = { ...given, evidence: createEvidenceJudge(require, promotesFrom) }
  const drafts = new Map(input.drafts.map((draft) => [draft.id, draft]))
  const ids = [...new Set([...drafts.keys(), ...input.releases.keys(), ...input.gone])].sort()
  const withDrafts = new Map([...drafts].map(([id, draft]) => [id, planPrompt(id, draft, input, settings)]))
  const targetOf = targetsOf(input.moves, withDrafts)
  const prompts = ids.map(
    (id) => withDrafts.get(id) ?? planPrompt(id, undefined, input, settings, targetOf(id)),
  )
  const { source, branch, commit, kind, scope: looked, layout, ignored } = input
  const { counted, unsettled, tags, unverified } = input
  const current = prompts.map(({ id, current }) => ({ id, changes: current })).filter(hasChanges)
  const backfill = prompts.map(({ id, backfill }) => ({ id, changes: backfill })).filter(hasChanges)
  return {
    ...{ source, branch, commit, kind, scope: looked, layout, counted, unsettled, tags, unverified, ignored },
    ...{ current, backfill },
    set: planSet(changesOf({ current, backfill }), input.set),
    refused: prompts.flatMap(({ refused }) => refused),
    gated: prompts.flatMap(({ gated }) => gated ?? []),
    findings: [...input.findings, ...prompts.flatMap(({ findings }) => findings), ...tagFindings(prompts)],
    massChange: massChangeOf(input, prompts, settings),
  }
}

/** Whether a plan would change nothing. */
export function isEmpty(plan: Plan): boolean {
  return plan.set === null && changesOf(plan).length === 0
}

/** Where each prompt moved; `undefined` if it did not, or if the registry refuses the new prompt. */
function targetsOf({ declared, found }: PlanInput['moves'], planned: ReadonlyMap<string, PromptPlan>) {
  return (id: string): string | undefined => {
    const to = found.get(id)
    const isTaken = to !== undefined && planned.get(to)?.takesDraft === true
    return declared.get(id) ?? (isTaken ? to : undefined)
  }
}

/** Every change of a prompt, in the order in which they are applied. */
export function changesOf({ current, backfill }: Pick<Plan, 'current' | 'backfill'>): PlannedChange[] {
  return [...current, ...backfill].flatMap(({ changes }) => changes)
}

/** One finding per tag, even if the tag covers many prompts. */
function tagFindings(prompts: readonly PromptPlan[]): NewFinding[] {
  const lower = Map.groupBy(
    prompts.flatMap((prompt) => prompt.lower),
    ({ release }) => release.tag,
  )
  const unattested = Map.groupBy(
    prompts.flatMap((prompt) => prompt.unattested),
    ({ release }) => release.tag,
  )
  return [
    ...[...unattested].map(([tag, all]) => unattestedTag(tag, all)),
    ...conflictFindings(prompts.flatMap(({ conflicts }) => conflicts)),
    ...[...lower].map(([tag, all]) => {
      const [{ highest = '', release } = {}] = all
      return lowerTag(tag, release?.release ?? '', idsOf(all), highest)
    }),
  ]
}

function conflictFindings(conflicts: PromptPlan['conflicts']): NewFinding[] {
  const byTag = Map.groupBy(conflicts, ({ release, newest }) => `${release.tag} ${newest}`)
  return [...byTag.values()].flatMap((all) => {
    const [first] = all
    if (first === undefined) return []
    const { release, by, newest } = first
    return [conflictingTag(release.tag, by, idsOf(all), release.release, newest)]
  })
}

function idsOf(all: readonly { readonly release: { readonly id: string } }[]): string[] {
  return all.map(({ release }) => release.id)
}

function massChangeOf(
  { standing, owned }: PlanInput,
  prompts: readonly PromptPlan[],
  { massChange }: Pick<PlanSettings, 'massChange'>,
): MassChange | null {
  if (standing === null || massChange === false) return null
  const replaced = prompts.flatMap(({ id, replaces }) => (replaces ? [id] : []))
  const retired = prompts.flatMap(({ id, current }) =>
    current.some((change) => change.do === 'retire') ? [id] : [],
  )
  return judgeMassChange({ ...standing, replaced, retired, owned: owned.size }, massChange)
}

function hasChanges({ changes }: PromptChanges): boolean {
  return changes.length > 0
}
