import {
  changesConditions,
  conditionsOf,
  type NewCondition,
  suspendedCondition,
} from '../findings/conditions.ts'
import type { Finding } from '../findings/finding.ts'
import { countFindings, type FindingCounts } from '../findings/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { heartbeatDue, type Moment } from '../state/due-pass.ts'
import {
  checkedState,
  heldState,
  settledState,
  unsettled,
  withConditions,
  withFindings,
  withLookAgain,
} from '../state/next-state.ts'
import {
  heldReport,
  idleReport,
  massChangeFinding,
  outcomeFindings,
  type PassReport,
  reportOf,
  suspendedReport,
} from '../state/pass-report.ts'
import { configDigest, parseState, type SourceState } from '../state/source-state.ts'
import type { Applied } from './apply.ts'
import type { SettledMoment } from './observe.ts'
import { callOptions, type LeasedPass, type PassInput } from './pass-input.ts'
import { findingsAfter } from './plan-pass.ts'
import { stateBefore, writeState, writeUnleased } from './write-state.ts'

/** Each way in which a pass ends: records the source's state and findings, and returns the report. */

/** Records a pass that carried out its plan. */
export async function record(
  pass: LeasedPass,
  plan: Plan,
  { begun, outcomes, findings, setDue }: Applied,
): Promise<PassReport> {
  const { moment, startedAt, now, random } = pass
  const after = findingsAfter(plan, pass.before, [...outcomeFindings(outcomes), ...findings], now())
  const report = reportOf(plan, outcomes, { after, before: pass.before }, { startedAt, now: now() })
  const { state: known, revision, ledgerLength } = begun
  const state = settledState(known, moment, report, plan, { ledgerLength, setDue, random: random() })
  await end(pass, plan, { state, revision, report, after })
  return report
}

/** Records that the mass change is held. */
export async function recordHeld(pass: LeasedPass, plan: Plan): Promise<PassReport> {
  const { moment, startedAt, now } = pass
  const after = findingsAfter(plan, pass.before, [massChangeFinding(plan)], now())
  const report = heldReport(plan, { after, before: pass.before }, { startedAt, now: now() })
  const state = heldState(stateBefore(moment), moment, report)
  await end(pass, plan, { state, revision: moment.document.revision, report, after })
  return report
}

interface End {
  readonly state: SourceState
  readonly revision: number
  readonly report: PassReport
  /** The source's findings after the pass. */
  readonly after: readonly Finding[]
}

async function end(pass: LeasedPass, plan: Plan, { state, revision, report, after }: End): Promise<void> {
  const conditions = currentConditions(pass, pass.moment, { counts: countFindings(after), findings: after })
  const found = withLookAgain(withFindings(state, after), after, pass.moment)
  const next = withConditions(found, conditions, report)
  await writeState(pass, plan, next, revision, after)
}

/** Records that there is nothing to do, at most once a minute unless a condition changed. */
export async function recordCheck(
  input: PassInput,
  moment: SettledMoment,
  startedAt: number,
): Promise<PassReport> {
  const { source, now } = input
  const { state, document } = moment
  const report = idleReport(source.name, state, { startedAt, now: now() })
  const known = { counts: state.finding_counts, findings: state.findings }
  const conditions = currentConditions(input, moment, known)
  if (heartbeatDue(state, now()) || changesConditions(state.conditions, conditions))
    await writeUnleased(input, document, withConditions(checkedState(state, report), conditions, report))
  return report
}

/** Records once that the source is suspended. */
export async function recordSuspended(input: PassInput, startedAt: number): Promise<PassReport> {
  const { api, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  const known = parseState(document.state)
  const report = suspendedReport(source.name, known, { startedAt, now: now() })
  const conditions = [suspendedCondition(report.message ?? '', report.commit)]
  const state = known ?? unsettled(configDigest(source), document.attention, now())
  if (changesConditions(state.conditions, conditions))
    await writeUnleased(input, document, withConditions(checkedState(state, report), conditions, report))
  return report
}

/** The conditions after a pass listed the refs. */
function currentConditions(
  { source }: PassInput,
  { listing, frozenUntil }: Moment,
  known: { readonly counts: FindingCounts; readonly findings: readonly Finding[] },
): NewCondition[] {
  const { branch, commit } = listing
  return conditionsOf({ ...known, branch, commit, frozenUntil, verify: source.verify?.tags ?? 'off' })
}
