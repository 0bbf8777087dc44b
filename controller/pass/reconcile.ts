import { changesConditions, suspendedCondition } from '../findings/conditions.ts'
import type { Finding, NewFinding } from '../findings/finding.ts'
import { countFindings } from '../findings/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { largeTag } from '../releases/tag-findings.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Moment } from '../state/due-pass.ts'
import { dueKind, heartbeatDue, isConfirmed } from '../state/due-pass.ts'
import {
  checkedState,
  heldState,
  settledState,
  unsettled,
  withConditions,
  withFindings,
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
import { applyPlan } from './apply.ts'
import { withLease } from './lease.ts'
import { callOptions, type PassInput } from './pass-input.ts'
import { findingsAfter, observe, planFrom, refresh, withSnapshot } from './planning.ts'
import {
  begin,
  currentConditions,
  type RecordedPass,
  record,
  recordUnleased,
  stateBefore,
} from './recording.ts'
import { readFindings } from './registry-reads.ts'

/**
 * Brings the registry in line with git: reads the state, lists the refs, and if anything changed, makes a plan and
 * applies it as the source's only writer. A second run changes nothing, and after a kill at any moment the next
 * run finishes the work. Rejects if the repository or the registry is unreachable or the lease is taken.
 */
export async function reconcile(input: PassInput): Promise<PassReport> {
  const startedAt = input.now()
  let report = await reconcileOnce(input, startedAt)
  // The other writer may have seen newer refs. With ours, the registry would go back to older drafts.
  while (report === OVERTAKEN) report = await reconcileOnce({ ...input, document: undefined }, startedAt)
  return report
}

/** Another writer changed the source between our listing of the refs and our lease, so it made progress. */
const OVERTAKEN = Symbol('overtaken')

async function reconcileOnce(input: PassInput, startedAt: number): Promise<PassReport | typeof OVERTAKEN> {
  if (input.source.suspended) return await standBy(input, startedAt)
  const moment = await observe(input)
  if (moment.state !== null && dueKind(moment, input) === 'none')
    return await recordCheck(input, moment, moment.state, startedAt)
  return await withSnapshot(input, moment, (snapshot) =>
    withLease(leaseOptions(input), async (token, signal) => {
      const run = { ...input, token, signal, startedAt }
      const current = await refresh(run, moment)
      if (current.document.revision !== moment.document.revision) return OVERTAKEN
      const findings = await readFindings(run)
      const plan = await planFrom(run, current, findings, snapshot)
      run.onPlan?.({ plan, moment: current, findings })
      return plan.massChange === null || isConfirmed(current, input)
        ? await carryOut(run, current, plan, findings, snapshot)
        : await hold(run, current, plan, findings)
    }),
  )
}

/** Records once that the source is suspended. */
async function standBy(input: PassInput, startedAt: number): Promise<PassReport> {
  const { api, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  const known = parseState(document.state)
  const report = suspendedReport(source.name, known, { startedAt, now: now() })
  const conditions = [suspendedCondition(report.message ?? '', report.commit)]
  const state = known ?? unsettled(configDigest(source), document.attention, now())
  if (changesConditions(state.conditions, conditions))
    await recordUnleased(input, document, withConditions(checkedState(state, report), conditions, report))
  return report
}

/** Records that there is nothing to do, at most once a minute unless a condition changed. */
async function recordCheck(
  input: PassInput,
  moment: Moment,
  state: SourceState,
  startedAt: number,
): Promise<PassReport> {
  const { source, now } = input
  const report = idleReport(source.name, state, { startedAt, now: now() })
  const conditions = currentConditions(input, moment, {
    counts: state.finding_counts,
    findings: state.findings,
  })
  if (heartbeatDue(state, now()) || changesConditions(state.conditions, conditions))
    await recordUnleased(
      input,
      moment.document,
      withConditions(checkedState(state, report), conditions, report),
    )
  return report
}

/** Records that the mass change is held. */
async function hold(
  run: RecordedPass,
  moment: Moment,
  plan: Plan,
  before: readonly Finding[],
): Promise<PassReport> {
  const { startedAt, now } = run
  const after = findingsAfter(plan, before, [massChangeFinding(plan)], now())
  const report = heldReport(plan, after, { startedAt, now: now() })
  const state = heldState(stateBefore(moment), moment, report)
  await end(run, moment, plan, { state, revision: moment.document.revision, report }, { before, after })
  return report
}

async function carryOut(
  run: RecordedPass,
  moment: Moment,
  plan: Plan,
  before: readonly Finding[],
  snapshot: GitSnapshot,
): Promise<PassReport> {
  const { api, repository, token, signal, onProgress, startedAt, now, random } = run
  const { state: begun, revision, ledgerLength } = await begin(run, moment, plan)
  const large: NewFinding[] = []
  const outcomes = await applyPlan(plan, {
    ...{ api, snapshot, repository, leaseToken: token, signal, onProgress },
    onLargeTag: (tag) => large.push(largeTag(tag)),
  })
  run.onOutcomes?.(outcomes)
  const after = findingsAfter(plan, before, [...outcomeFindings(outcomes), ...large], now())
  const report = reportOf(plan, outcomes, after, { startedAt, now: now() })
  const state = settledState(begun, moment, report, plan, { ledgerLength, random: random() })
  await end(run, moment, plan, { state, revision, report }, { before, after })
  return report
}

/** Records the source's state after a pass. */
async function end(
  run: RecordedPass,
  moment: Moment,
  plan: Plan,
  { state, revision, report }: { state: SourceState; revision: number; report: PassReport },
  findings: { readonly before: readonly Finding[]; readonly after: readonly Finding[] },
): Promise<void> {
  const conditions = currentConditions(run, moment, {
    counts: countFindings(findings.after),
    findings: findings.after,
  })
  const next = withConditions(withFindings(state, findings.after), conditions, report)
  await record(run, plan, next, revision, findings)
}

function leaseOptions(input: PassInput) {
  const { api, source, holder, pause, signal, leaseSeconds = 60, patienceMs = 15_000 } = input
  return { api, source: source.name, holder, ttlSeconds: leaseSeconds, patienceMs, pause, signal }
}
