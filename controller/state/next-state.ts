import { type NewCondition, nextConditions } from '../findings/conditions.ts'
import type { Finding, FindingCode } from '../findings/finding.ts'
import { countFindings } from '../findings/findings.ts'
import type { Plan } from '../plan/plan.ts'
import { joinKeys } from '../releases/verify-tags.ts'
import type { Quota } from '../source/git-source.ts'
import { type Moment, momentSituation, retryDelay } from './due-pass.ts'
import { clipped, withPass } from './pass-history.ts'
import { type PassReport, storedReport } from './pass-report.ts'
import { dueBefore, NEVER_MOVED, type SetDue } from './set-due.ts'
import { evidenceDigest, NEWEST_FINDINGS, newestOf, refsDigest, type SourceState } from './source-state.ts'

/** The state of a source after each step of a pass. Pure. Times are in milliseconds since the epoch. */

/** The state of a source before the end of its first pass. */
export function unsettled(digest: string, attention: number, now: number): SourceState {
  return {
    format: 2,
    config_digest: digest,
    refs_digest: '',
    attention,
    watermark: null,
    retry: null,
    begun: null,
    checked_at: new Date(now).toISOString(),
    last_pass: null,
    finding_counts: {},
    findings: [],
    unverified: '',
    held: null,
    confirmed: null,
    waiting: 0,
    evidence: null,
    layout: null,
    conditions: [],
    quotas: [],
    passes: [],
    set_due: NEVER_MOVED,
    complete_at: null,
  }
}

/** After a pass that carried out its plan. The watermark moves only if everything is settled. */
export function settledState(
  before: SourceState,
  moment: Moment,
  report: PassReport,
  plan: Plan,
  done: { readonly ledgerLength: number; readonly setDue: SetDue; readonly random: number },
): SourceState {
  const settled = report.result === 'synced'
  const attempt = settled ? 0 : (before.retry?.attempt ?? 0) + 1
  const delay = retryDelay(attempt, done.random)
  return {
    ...before,
    config_digest: moment.configDigest,
    refs_digest: refsDigest(moment.listing),
    attention: moment.document.attention,
    watermark: settled ? { commit: plan.commit, ledger_length: done.ledgerLength } : before.watermark,
    retry: settled ? null : { attempt, not_before: time(Date.parse(report.finished_at) + delay) },
    begun: settled ? null : begunBy(plan),
    ...withReport(before, report),
    unverified: joinKeys(plan.unverified),
    conditions: before.conditions.filter(({ type }) => type !== 'Verified'),
    held: null,
    confirmed: settled || before.confirmed !== momentSituation(moment) ? null : before.confirmed,
    layout: plan.layout.from === null ? null : { ...plan.layout.from },
    set_due: done.setDue,
    complete_at: settled ? report.finished_at : before.complete_at,
  }
}

/** The state with these findings. */
export function withFindings(state: SourceState, findings: readonly Finding[]): SourceState {
  const waits = ({ code, details }: Finding) => code === 'held' && details?.by === 'freeze'
  return {
    ...state,
    finding_counts: countFindings(findings),
    findings: newestOf(findings),
    waiting: findings.filter(waits).length,
  }
}

const WAITING: readonly FindingCode[] = ['waiting_for_evidence', 'waiting_for_soak']

/** The state, with when to look again at releases and retirements that wait. */
export function withLookAgain(
  state: SourceState,
  findings: readonly Finding[],
  { listing, document, now }: Pick<Moment, 'listing' | 'document' | 'now'>,
): SourceState {
  const isRead = ({ code, details }: Finding) => code === 'held' && details?.by === 'reads'
  const waiting = findings.filter((one) => WAITING.includes(one.code) || isRead(one))
  if (waiting.length === 0) return { ...state, evidence: null }
  const since = waiting.flatMap(({ details, first_seen }) =>
    details?.checks === true ? [Date.parse(first_seen)] : [],
  )
  const delays = [
    ...(since.length === 0 ? [] : [lookAgainDelay(now - Math.max(...since))]),
    ...(waiting.some(isRead) ? [READS_AGAIN_MS] : []),
  ]
  const again = delays.length === 0 ? null : time(now + Math.min(...delays))
  return { ...state, evidence: { digest: evidenceDigest(listing, document), look_again_at: again } }
}

/** Reads are counted by day, and a look is a full pass. */
const READS_AGAIN_MS = 60 * 60_000
const SOONEST_MS = 60_000
const LATEST_MS = 15 * 60_000

/** Checks of a new release are looked at each minute, and less often the longer it waits. */
function lookAgainDelay(waited: number): number {
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, waited / 4))
}

/** The state with the failure of a whole pass added to its findings, none of which the pass checked. */
export function withFailure(state: SourceState, failure: Finding): SourceState {
  const others = state.findings.filter(({ code }) => code !== failure.code)
  return {
    ...state,
    finding_counts: { ...state.finding_counts, [failure.code]: 1 },
    findings: [...newestOf([failure]), ...others].slice(0, NEWEST_FINDINGS),
  }
}

/** Before the first change of a pass, so that the next one notices if this one is killed. */
export function begunState(before: SourceState, plan: Plan): SourceState {
  return {
    ...before,
    begun: begunBy(plan),
    unverified: joinKeys(plan.unverified),
    set_due: dueBefore(before.set_due, plan.set),
  }
}

function begunBy({ commit, kind }: Plan): NonNullable<SourceState['begun']> {
  return { commit, full: kind !== 'changes' }
}

/** After a pass with a mass change: nothing changed, and the same situation is not judged again. */
export function heldState(before: SourceState, moment: Moment, report: PassReport): SourceState {
  return {
    ...before,
    ...withReport(before, report),
    retry: null,
    held: {
      of: momentSituation(moment),
      kind: report.kind === 'changes' ? 'changes' : 'full',
      message: clipped(storedReport(report)).message ?? '',
    },
  }
}

/** Before a confirmed mass change, so that it needs no second confirmation if the pass is killed or fails. */
export function confirmedState(before: SourceState, moment: Moment): SourceState {
  return { ...before, held: null, confirmed: momentSituation(moment) }
}

/** After a pass that failed as a whole. The watermark stays. */
export function failedState(before: SourceState, report: PassReport, random: number): SourceState {
  const attempt = (before.retry?.attempt ?? 0) + 1
  return {
    ...before,
    ...withReport(before, report),
    retry: {
      attempt,
      not_before: time(Date.parse(report.finished_at) + retryDelay(attempt, random)),
    },
  }
}

/** After a check that found nothing to do. */
export function checkedState(before: SourceState, report: PassReport): SourceState {
  const complete = report.result === 'unchanged'
  return {
    ...before,
    checked_at: report.finished_at,
    complete_at: complete ? report.finished_at : before.complete_at,
    ...(report.result === 'suspended' && withReport(before, report)),
  }
}

/** The state with the conditions of a pass. */
export function withConditions(
  state: SourceState,
  conditions: readonly NewCondition[],
  report: PassReport,
): SourceState {
  return { ...state, conditions: nextConditions(state.conditions, conditions, report.finished_at) }
}

/** The state with the host's latest quotas; unchanged if the host reports none. */
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

function withReport(before: SourceState, report: PassReport) {
  const stored = clipped(storedReport(report))
  return {
    checked_at: report.finished_at,
    last_pass: stored,
    passes: withPass(before.passes, stored),
  }
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
