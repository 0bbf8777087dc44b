import type { Finding, NewFinding } from '../findings/finding.ts'
import { isChecked, isOutlived, nextFindings } from '../findings/findings.ts'
import { type Plan, type PlanSettings, planPrompts } from '../plan/plan.ts'
import type { PromptsInput, WholeInput } from '../plan/plan-input.ts'
import { PlanParts } from '../plan/plan-parts.ts'
import type { PromptPlan } from '../plan/plan-prompt.ts'
import { mayRetireRead } from '../state/due-pass.ts'
import { gather } from './gather.ts'
import type { ObservedPass } from './pass-input.ts'
import { createEvidenceReader } from './read-evidence.ts'
import { withPostedEvidence } from './read-posted-evidence.ts'
import { withServed } from './read-served.ts'
import { readUse } from './read-use.ts'

/** The parts of a plan: the changes of all prompts, and all else. */
export interface ReadPlan {
  readonly parts: PlanParts
  readonly whole: WholeInput
}

/** Reads what a plan needs, and plans the changes of the prompts meanwhile, so that only their changes are kept. */
export async function readPlan(pass: ObservedPass): Promise<ReadPlan> {
  const { source, moment, snapshot, now } = pass
  const { frozenUntil } = moment
  const settings: PlanSettings = {
    ...source,
    retireRead: mayRetireRead(pass),
    frozenUntil: frozenUntil === null ? null : new Date(frozenUntil).toISOString(),
  }
  const readEvidence = createEvidenceReader({ listing: moment.listing, snapshot, now: now() }, source.require)
  const planOf = async (prompts: PromptsInput, { takes }: PlanParts): Promise<PromptPlan[]> => {
    let input = prompts
    let plans = planPrompts(input, settings, takes)
    const gated = plans.flatMap((plan) => plan.gated ?? [])
    if (gated.length > 0) {
      const found = await withPostedEvidence(pass, gated, source.require, await readEvidence(gated))
      input = { ...input, evidence: await withServed(pass, gated, found) }
      plans = planPrompts(input, settings, takes)
    }
    if (settings.retireRead) return plans
    const inUse = await readUse(pass, retiredIn(plans))
    return inUse.size === 0 ? plans : planPrompts({ ...input, inUse }, settings, takes)
  }
  let parts = new PlanParts(settings)
  const whole = await gather(pass, () => {
    const begun = new PlanParts(settings)
    parts = begun
    return async (prompts) => begun.add(await planOf(prompts, begun))
  })
  return { parts, whole }
}

function retiredIn(plans: readonly PromptPlan[]): string[] {
  return plans.flatMap(({ current }) =>
    current.flatMap((change) => (change.do === 'retire' ? [change.id] : [])),
  )
}

/** The plan of a pass. Pure. */
export function planPass({ parts, whole }: ReadPlan): Plan {
  const plan = parts.finish(whole)
  return { ...plan, findings: plan.findings.filter((finding) => !isOutlived(plan.scope, finding)) }
}

/** `found`: findings from carrying out the plan. `now` is in milliseconds since the epoch. */
export function findingsAfter(
  { findings, scope: looked }: Plan,
  before: readonly Finding[],
  found: readonly NewFinding[],
  now: number,
): Finding[] {
  const at = new Date(now).toISOString()
  return nextFindings(before, [...findings, ...found], (finding) => isChecked(looked, finding), at)
}
