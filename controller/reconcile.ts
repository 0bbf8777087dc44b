import { applyPlan } from './apply.ts'
import { withLease } from './pass/lease.ts'
import { dueKind, heartbeatDue, isConfirmed, type Moment } from './pass/pass.ts'
import { callOptions, type PassInput } from './pass/pass-input.ts'
import {
  heldMessage,
  heldReport,
  idleReport,
  type PassReport,
  reportOf,
  suspendedReport,
} from './pass/pass-report.ts'
import { observe, planFrom, refresh, withSnapshot } from './pass/planning.ts'
import { begin, type Run, record, seen, tell } from './pass/recording.ts'
import type { Plan } from './plan.ts'
import type { GitSnapshot } from './source/git-source.ts'
import { saysOtherwise } from './state/conditions.ts'
import {
  countWaiting,
  heldState,
  lookedState,
  settledState,
  unsettled,
  withConditions,
} from './state/next-state.ts'
import { suspendedObservations } from './state/observations.ts'
import { configDigest, parseState, type SourceState } from './state/source-state.ts'

/**
 * Makes the registry have what git has: reads the state, lists the refs, and where anything moved plans and applies
 * it as the source's one writer. Running it twice changes nothing the second time, and a kill at any moment is
 * mended by the next run. Rejects where the repository, the registry or the lease cannot be had.
 */
export async function reconcile(input: PassInput): Promise<PassReport> {
  const startedAt = input.now()
  let report = await reconcileOnce(input, startedAt)
  // Whoever wrote meanwhile may have seen newer refs: with ours, the registry would go back to older drafts.
  while (report === OVERTAKEN) report = await reconcileOnce({ ...input, document: undefined }, startedAt)
  return report
}

/** Another writer was at work between the look at the refs and the lease; so others got on, if not this pass. */
const OVERTAKEN = Symbol('overtaken')

async function reconcileOnce(input: PassInput, startedAt: number): Promise<PassReport | typeof OVERTAKEN> {
  if (input.source.suspended) return await standBy(input, startedAt)
  const moment = await observe(input)
  if (moment.state !== null && dueKind(moment, input) === 'none')
    return await look(input, moment, moment.state, startedAt)
  return await withSnapshot(input, moment, (snapshot) =>
    withLease(leaseOptions(input), async (token, signal) => {
      const run = { ...input, token, signal, startedAt }
      const current = await refresh(run, moment)
      if (current.document.revision !== moment.document.revision) return OVERTAKEN
      const plan = await planFrom(run, current, snapshot)
      run.onPlan?.(plan, current)
      return plan.massChange === null || isConfirmed(current, input)
        ? await carryOut(run, current, plan, snapshot)
        : await hold(run, current, plan)
    }),
  )
}

/** Does nothing and says so, once. */
async function standBy(input: PassInput, startedAt: number): Promise<PassReport> {
  const { api, source, now, signal } = input
  const document = await (input.document ?? api.source(source.name, callOptions(signal)))
  const known = parseState(document.state)
  const report = suspendedReport(source.name, known, startedAt, now())
  const observed = suspendedObservations(report)
  const state = known ?? unsettled(configDigest(source), document.attention, now())
  if (saysOtherwise(state.conditions, observed))
    await tell(input, document, withConditions(lookedState(state, report), observed, report))
  return report
}

/** Nothing to do. That is told at most once a minute, and where it is news. */
async function look(
  input: PassInput,
  moment: Moment,
  state: SourceState,
  startedAt: number,
): Promise<PassReport> {
  const { source, now } = input
  const report = idleReport(source.name, state, startedAt, now())
  const observed = seen(report, moment, state.waiting)
  if (heartbeatDue(state, now()) || saysOtherwise(state.conditions, observed))
    await tell(input, moment.document, withConditions(lookedState(state, report), observed, report))
  return report
}

/** Changes nothing, and remembers why. */
async function hold(run: Run, moment: Moment, plan: Plan): Promise<PassReport> {
  const { startedAt, now } = run
  const report = heldReport(plan, heldMessage(plan), startedAt, now())
  const before = moment.state ?? unsettled(moment.configDigest, moment.document.attention, moment.now)
  const state = heldState(before, moment, report)
  await record(
    run,
    withConditions(state, seen(report, moment, state.waiting, plan), report),
    moment.document.revision,
  )
  return report
}

async function carryOut(run: Run, moment: Moment, plan: Plan, snapshot: GitSnapshot): Promise<PassReport> {
  const { api, repository, token, signal, onProgress, startedAt, now, random } = run
  const begun = await begin(run, moment, plan)
  const { state: before } = begun
  const outcomes = await applyPlan(plan, { api, snapshot, repository, leaseToken: token, signal, onProgress })
  run.onOutcomes?.(outcomes)
  const report = reportOf(plan, outcomes, before, startedAt, now())
  const waiting = countWaiting(plan, outcomes)
  const done = { ledgerLength: begun.ledgerLength, waiting, random: random() }
  const state = settledState(before, moment, report, plan, done)
  await record(run, withConditions(state, seen(report, moment, state.waiting, plan), report), begun.revision)
  return report
}

function leaseOptions(input: PassInput) {
  const { api, source, holder, pause, signal, leaseSeconds = 60, patienceMs = 15_000 } = input
  return { api, source: source.name, holder, ttlSeconds: leaseSeconds, patienceMs, pause, signal }
}
