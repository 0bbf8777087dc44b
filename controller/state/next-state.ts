import type { Outcome } from '../pass/outcomes.ts'
import { type Moment, momentSituation, retryDelay } from '../pass/pass.ts'
import { type PassReport, summaryOf } from '../pass/pass-report.ts'
import type { Plan } from '../plan.ts'
import { joinKeys } from '../releases/unverified-tags.ts'
import type { Quota } from '../source/git-source.ts'
import { nextConditions, type Observation } from './conditions.ts'
import { clipped, withPass } from './pass-history.ts'
import { firstEntries, refsDigest, type SourceState } from './source-state.ts'

/** What passes leave in a source's state. Pure: times are milliseconds since the epoch. */

/** The state of a source whose first pass has not ended. */
export function unsettled(digest: string, attention: number, now: number): SourceState {
  return {
    format: 1,
    config_digest: digest,
    refs_digest: '',
    attention,
    watermark: null,
    retry: null,
    begun: null,
    checked_at: new Date(now).toISOString(),
    last_pass: null,
    quarantined: [],
    quarantined_count: 0,
    findings: [],
    unverified: '',
    held: null,
    confirmed: null,
    waiting: 0,
    layout: null,
    conditions: [],
    quotas: [],
    passes: [],
    complete_at: null,
  }
}

/** After a pass that went through its plan. The watermark moves only when everything is settled. */
export function settledState(
  before: SourceState | null,
  moment: Moment,
  report: PassReport,
  plan: Plan,
  done: { readonly ledgerLength: number; readonly waiting: number; readonly random: number },
): SourceState {
  const settled = report.result === 'synced'
  const attempt = settled ? 0 : (before?.retry?.attempt ?? 0) + 1
  const delay = retryDelay(attempt, done.random)
  return {
    ...(before ?? unsettled(moment.configDigest, moment.document.attention, moment.now)),
    config_digest: moment.configDigest,
    refs_digest: refsDigest(moment.listing),
    attention: moment.document.attention,
    watermark: settled
      ? { commit: plan.commit, ledger_length: done.ledgerLength }
      : (before?.watermark ?? null),
    retry: settled ? null : { attempt, not_before: time(Date.parse(report.finished_at) + delay) },
    begun: settled ? null : begunBy(plan),
    ...told(before, report),
    quarantined: firstEntries(report.quarantined),
    quarantined_count: report.quarantined.length,
    findings: firstEntries(report.findings),
    unverified: unverifiedBy(plan),
    conditions: (before?.conditions ?? []).filter(
      ({ type }) => type !== 'Verified' || plan.verification !== null,
    ),
    held: null,
    confirmed: settled || before?.confirmed !== momentSituation(moment) ? null : before.confirmed,
    waiting: (plan.kind === 'changes' ? (before?.waiting ?? 0) : 0) + done.waiting,
    layout: plan.layout.from === null ? null : { ...plan.layout.from },
    complete_at: settled ? report.finished_at : (before?.complete_at ?? null),
  }
}

/** Before the first change of a pass, so that a kill leaves a trace. */
export function begunState(before: SourceState, plan: Plan): SourceState {
  return { ...before, begun: begunBy(plan), unverified: unverifiedBy(plan) }
}

function begunBy({ commit, kind }: Plan): NonNullable<SourceState['begun']> {
  return { commit, full: kind !== 'changes' }
}

function unverifiedBy({ verification }: Plan): string {
  return joinKeys(verification?.unverified ?? [])
}

/** After a pass that would have changed too much: all is as it was, and the same situation is not judged again. */
export function heldState(before: SourceState, moment: Moment, report: PassReport): SourceState {
  return {
    ...before,
    ...told(before, report),
    held: {
      of: momentSituation(moment),
      kind: report.kind === 'changes' ? 'changes' : 'full',
      message: clipped(summaryOf(report)).message ?? '',
    },
  }
}

/** Before a mass change that a person let through: a kill, or a failure in the middle, does not ask again. */
export function confirmedState(before: SourceState, moment: Moment): SourceState {
  return { ...before, held: null, confirmed: momentSituation(moment) }
}

/** After a pass that failed as a whole. What is settled stays as it is. */
export function failedState(before: SourceState, report: PassReport, random: number): SourceState {
  const attempt = (before.retry?.attempt ?? 0) + 1
  return {
    ...before,
    ...told(before, report),
    retry: {
      attempt,
      not_before: time(Date.parse(report.finished_at) + retryDelay(attempt, random)),
    },
  }
}

/** After a look that found nothing to do. */
export function lookedState(before: SourceState, report: PassReport): SourceState {
  const complete = report.result === 'unchanged'
  return {
    ...before,
    checked_at: report.finished_at,
    complete_at: complete ? report.finished_at : before.complete_at,
    ...(report.result === 'suspended' && told(before, report)),
  }
}

/** The state with what a pass observed. */
export function withConditions(
  state: SourceState,
  observed: readonly Observation[],
  report: PassReport,
): SourceState {
  return { ...state, conditions: nextConditions(state.conditions, observed, report.finished_at) }
}

/** The state with what the host last told; where no host counts requests, as it is. */
export function withQuotas(state: SourceState, quotas: readonly Quota[]): SourceState {
  if (quotas.length === 0) return state
  return {
    ...state,
    quotas: quotas.map(({ resource, limit, remaining, resetAt }) => ({
      ...{ resource, limit, remaining },
      reset_at: resetAt,
    })),
  }
}

/** How many promotions and retirements wait for the end of a freeze. */
export function countWaiting({ waiting }: Plan, outcomes: readonly Outcome[]): number {
  const promotions = outcomes.filter(
    ({ kind, change }) => kind === 'held' && change.do === 'alias' && change.frozenUntil !== undefined,
  )
  return promotions.length + waiting.length
}

function told(before: SourceState | null, report: PassReport) {
  const summary = clipped(summaryOf(report))
  return {
    checked_at: report.finished_at,
    last_pass: summary,
    passes: withPass(before?.passes ?? [], summary),
  }
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
