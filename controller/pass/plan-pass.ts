import type { Finding, NewFinding } from '../findings/finding.ts'
import { isChecked, isOutlived, nextFindings } from '../findings/findings.ts'
import { makePlan, type Plan } from '../plan/plan.ts'
import type { PlanInput } from '../plan/plan-input.ts'
import { mayRetireRead } from '../state/due-pass.ts'
import type { ObservedPass } from './pass-input.ts'

/** The plan of a pass. Pure. */
export function planPass({ source, moment, ...wishes }: ObservedPass, gathered: PlanInput): Plan {
  const { frozenUntil } = moment
  const plan = makePlan(gathered, {
    ...source,
    retireRead: mayRetireRead(wishes),
    frozenUntil: frozenUntil === null ? null : new Date(frozenUntil).toISOString(),
  })
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
