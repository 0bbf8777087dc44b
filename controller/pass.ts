import type { SourceDocument } from '../api/contract/registry-api.ts'
import type { Outcome, OutcomeKind } from './outcomes.ts'
import type { Observed, Plan, Quarantined } from './plan.ts'
import type { RefListing } from './source/git-source.ts'
import { type Finding, firstEntries, type PassSummary, refsDigest, type SourceState } from './source-state.ts'

/** Decisions about a whole pass. Pure: times are milliseconds since the epoch. */

const HEARTBEAT_MS = 60_000
const RETRY_MS = { first: 5_000, longest: 300_000 }
/** Findings that only a full pass, or a change of their subject, looks at again. */
const OPEN_KINDS: readonly string[] = ['refused', 'held', 'conflict']

/** What a pass came to. `promptctl sync -o json` prints it. */
export interface PassReport {
  readonly source: string
  readonly result: PassSummary['result']
  readonly kind: PassSummary['kind']
  readonly commit: string | null
  readonly started_at: string
  readonly finished_at: string
  readonly counts: Readonly<Record<string, number>>
  readonly quarantined: readonly Quarantined[]
  readonly findings: readonly Finding[]
  /** Why the pass did not end well; `null` where it did. */
  readonly message: string | null
}

/** What is compared to know whether there is anything to do. */
export interface Moment {
  readonly document: SourceDocument
  readonly state: SourceState | null
  readonly listing: RefListing
  readonly configDigest: string
  readonly now: number
}

/**
 * What kind of pass is due; `none` where nothing moved. A retry that waits for its time counts as nothing, unless
 * something moved since.
 */
export function dueKind(
  { document, state, listing, configDigest, now }: Moment,
  { force = false, retryNow = false }: { readonly force?: boolean; readonly retryNow?: boolean },
): Observed['kind'] | 'none' {
  if (state === null) return 'first'
  if (force || state.config_digest !== configDigest || state.attention !== document.attention) {
    return state.watermark === null ? 'first' : 'full'
  }
  const moved = state.refs_digest !== refsDigest(listing)
  const { retry } = state
  const retryDue = retry !== null && (retryNow || Date.parse(retry.not_before) <= now)
  // A pass that was killed between counting a tag and settling it left the ledger longer than the watermark; one
  // that ended did too, where something failed, and left a retry that waits for its time.
  const unfinished = retry === null && document.ledger_length > (state.watermark?.ledger_length ?? -1)
  if (!moved && !retryDue && !unfinished) return 'none'
  if (state.watermark === null) return 'first'
  return retry?.full === true ? 'full' : 'changes'
}

/** Whether an idle pass should tell that it looked. */
export function heartbeatDue(state: SourceState, now: number): boolean {
  return now - Date.parse(state.checked_at) >= HEARTBEAT_MS
}

/** Milliseconds to wait before trying again, for the first attempt and those after it. */
export function retryDelay(attempt: number, random: number): number {
  const delay = Math.min(RETRY_MS.first * 2 ** (attempt - 1), RETRY_MS.longest)
  return Math.round(delay * (0.5 + random / 2))
}

/** The report of a pass that went through its plan; `before` is the state that it started from. */
export function reportOf(
  plan: Plan,
  outcomes: readonly Outcome[],
  before: SourceState | null,
  startedAt: number,
  now: number,
): PassReport {
  const failed = outcomes.filter(({ kind }) => kind === 'failed')
  const found = [...plan.reports.map(tagFinding), ...outcomes.flatMap(outcomeFinding)]
  return {
    source: plan.source,
    result: failed.length === 0 ? 'synced' : 'incomplete',
    kind: plan.kind,
    commit: plan.commit,
    started_at: time(startedAt),
    finished_at: time(now),
    counts: countsOf(plan, outcomes),
    quarantined: plan.quarantined,
    findings: [...found, ...stillOpen(before, plan, found)],
    message:
      failed[0] === undefined
        ? null
        : `${failed.length} changes failed and are tried again: ${failed[0].message}`,
  }
}

/**
 * The report of a pass that found nothing to do, with what is known from the passes before. While a retry waits for
 * its time, nothing moved and yet not all is well.
 */
export function idleReport(source: string, state: SourceState, startedAt: number, now: number): PassReport {
  const { retry, last_pass } = state
  return {
    source,
    result: retry === null ? 'unchanged' : 'incomplete',
    kind: 'none',
    commit: state.watermark?.commit ?? null,
    started_at: time(startedAt),
    finished_at: time(now),
    counts: { quarantined: state.quarantined.length },
    quarantined: state.quarantined,
    findings: state.findings,
    message:
      retry === null
        ? null
        : `${last_pass?.message ?? 'The last pass failed.'} (again at ${retry.not_before})`,
  }
}

export function failureReport(source: string, message: string, startedAt: number, now: number): PassReport {
  return {
    source,
    result: 'failed',
    kind: 'none',
    commit: null,
    started_at: time(startedAt),
    finished_at: time(now),
    counts: {},
    quarantined: [],
    findings: [],
    message,
  }
}

/** What the next pass starts from. The watermark moves only when everything is settled. */
export function nextState(
  before: SourceState | null,
  moment: Moment,
  report: PassReport,
  plan: Plan | null,
  ledgerLength: number,
  random: number,
): SourceState {
  const settled = report.result === 'synced'
  const attempt = settled ? 0 : (before?.retry?.attempt ?? 0) + 1
  return {
    format: 1,
    config_digest: moment.configDigest,
    refs_digest: refsDigest(moment.listing),
    attention: moment.document.attention,
    watermark:
      settled && plan !== null
        ? { commit: plan.commit, ledger_length: ledgerLength }
        : (before?.watermark ?? null),
    retry: settled
      ? null
      : {
          attempt,
          not_before: time(Date.parse(report.finished_at) + retryDelay(attempt, random)),
          full: plan?.kind === 'full',
        },
    checked_at: report.finished_at,
    last_pass: summaryOf(report),
    quarantined: firstEntries(report.quarantined),
    findings: firstEntries(report.findings),
  }
}

export function summaryOf(report: PassReport): PassSummary {
  const { result, kind, started_at, finished_at, commit, counts, message } = report
  return { result, kind, started_at, finished_at, commit, counts: { ...counts }, message }
}

/** What was refused, held or in conflict before and was not touched now: a full pass looks at it again. */
function stillOpen(before: SourceState | null, plan: Plan, found: readonly Finding[]): Finding[] {
  if (before === null || plan.kind !== 'changes') return []
  const touched = new Set([...plan.current, ...plan.backfill].map(({ id }) => id))
  const isTold = (known: Finding) =>
    found.some(({ kind, subject }) => kind === known.kind && subject === known.subject)
  return before.findings.filter(
    (finding) => OPEN_KINDS.includes(finding.kind) && !touched.has(finding.subject) && !isTold(finding),
  )
}

function countsOf(plan: Plan, outcomes: readonly Outcome[]): Record<string, number> {
  const of = (kind: OutcomeKind) => outcomes.filter((outcome) => outcome.kind === kind).length
  const done = (what: string) =>
    outcomes.filter(({ kind, change }) => kind === 'done' && change.do === what).length
  return {
    pushed: done('push'),
    promoted: done('promote'),
    named: done('alias'),
    unchanged: of('unchanged'),
    held: of('held'),
    lower: of('lower'),
    refused: of('refused'),
    failed: of('failed'),
    quarantined: plan.quarantined.length,
    ignored: plan.ignored.length,
  }
}

function outcomeFinding({ change, kind, message }: Outcome): Finding[] {
  if (kind === 'done' || kind === 'unchanged') return []
  return [{ kind, subject: change.id, message: message ?? kind }]
}

function tagFinding({ kind, tag, message }: Plan['reports'][number]): Finding {
  return { kind, subject: tag, message }
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
