import type { Finding, NewFinding } from '../findings/finding.ts'
import { countFindings, newsAmong } from '../findings/findings.ts'
import { CHANGE_KINDS, type ChangeKind, kindOf } from '../plan/changes.ts'
import type { ChangeOutcome } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import type { StoredReport } from './pass-history.ts'
import type { SourceState } from './source-state.ts'

/** Reports of passes. Pure. Times are in milliseconds since the epoch. */

/** The report of a pass. */
export interface PassReport extends PublicReport {
  /** Those of `findings` that the pass found, or found with another message or cause than before. */
  readonly news: readonly ReportedFinding[]
}

/** What `promptctl sync -o json` and the controller's function return of a report. */
export interface PublicReport {
  readonly source: string
  readonly result: StoredReport['result']
  readonly kind: StoredReport['kind']
  readonly commit: string | null
  readonly started_at: string
  readonly finished_at: string
  /** Number of changes by kind, and of the source's findings by code. */
  readonly counts: Readonly<Record<string, number>>
  /** The source's findings, most severe first; if there was nothing to do, the newest 50. */
  readonly findings: readonly ReportedFinding[]
  /** Why the pass did not succeed; `null` if it did. */
  readonly message: string | null
  /** Output of another program about the failure, in one line; `null` if none. */
  readonly cause: string | null
}

export type ReportedFinding = Omit<Finding, 'details'> & Partial<Pick<Finding, 'details'>>

export function publicReport({ news: _, ...report }: PassReport): PublicReport {
  return report
}

/** Whether the next pass can wait for its schedule. A held or suspended source needs a person, not a retry. */
export function endedWell({ result }: Pick<PassReport, 'result'>): boolean {
  return result !== 'incomplete' && result !== 'failed'
}

interface Time {
  readonly startedAt: number
  readonly now: number
}

/** The source's findings after a pass, and those before it. */
interface PassFindings {
  readonly after: readonly Finding[]
  readonly before: readonly Finding[]
}

/** The report of a pass that carried out its plan. */
export function reportOf(
  plan: Plan,
  outcomes: Iterable<ChangeOutcome>,
  { after: findings, before }: PassFindings,
  time: Time,
): PassReport {
  const { counts, failed, firstFailed } = tallied(outcomes)
  const pending = findings.find(({ code }) => code === 'signatures_pending')
  const unmoved = findings.find(({ code, details }) => code === 'failed' && details?.do === 'set')
  const isComplete = failed === 0 && pending === undefined && unmoved === undefined
  return {
    source: plan.source,
    result: isComplete ? 'synced' : 'incomplete',
    kind: plan.kind,
    commit: plan.commit,
    ...timesOf(time),
    counts: {
      ...counts,
      ...NONE_FOUND,
      ...countFindings(findings),
      ignored: plan.ignored.length,
    },
    findings,
    news: newsAmong(findings, before),
    message:
      firstFailed === null ? ((unmoved ?? pending)?.message ?? null) : failedMessage(failed, firstFailed),
    cause: null,
  }
}

/** Programs rely on these being present. */
const NONE_FOUND = { failed: 0, refused: 0, quarantined: 0, held: 0 }

function failedMessage(count: number, { change, message }: ChangeOutcome): string {
  const what = count === 1 ? '1 change failed' : `${count} changes failed`
  return `${what} and will be retried. "${change.id}": ${message}`
}

const DONE = {
  push: 'pushed',
  promote: 'promoted',
  name: 'named',
  archive: 'archived',
  retire: 'retired',
  heal: 'healed',
} as const satisfies Record<ChangeKind, string>

/** Counts outcomes in one iteration. `counts`: changes that are done, by kind, and unchanged ones. */
function tallied(outcomes: Iterable<ChangeOutcome>) {
  const counts: Record<string, number> = Object.fromEntries(CHANGE_KINDS.map((kind) => [DONE[kind], 0]))
  let unchanged = 0
  let failed = 0
  let firstFailed: ChangeOutcome | null = null
  for (const outcome of outcomes) {
    const { kind, change } = outcome
    const word = DONE[kindOf(change)]
    if (kind === 'done') counts[word] = (counts[word] ?? 0) + 1
    if (kind === 'unchanged') unchanged++
    if (kind !== 'failed') continue
    failed++
    firstFailed ??= outcome
  }
  return { counts: { ...counts, unchanged }, failed, firstFailed }
}

/** Findings about changes that did not go as planned. */
export function outcomeFindings(outcomes: Iterable<ChangeOutcome>): NewFinding[] {
  const findings: NewFinding[] = []
  for (const outcome of outcomes) findings.push(...outcomeFinding(outcome))
  return findings
}

function outcomeFinding({ change, kind, code, message }: ChangeOutcome): NewFinding[] {
  const subject = { kind: 'prompt', name: change.id } as const
  const about = { subject, message: message ?? kind, details: { do: change.do, code } }
  if (kind === 'held' || kind === 'refused' || kind === 'failed') return [{ code: kind, ...about }]
  if (kind === 'lower' && change.do === 'promote')
    return [{ code: 'tag_lower', ...about, subject: { kind: 'tag', name: change.tag } }]
  return []
}

/**
 * The report of a pass that found nothing to do, based on the state. While a retry is pending, the result is
 * `incomplete`, not `unchanged`.
 */
export function idleReport(source: string, state: SourceState, time: Time): PassReport {
  const { retry, last_pass, held, finding_counts, findings, watermark } = state
  const ending =
    held !== null
      ? { result: 'held' as const, message: held.message }
      : retry === null
        ? { result: 'unchanged' as const, message: null }
        : {
            result: 'incomplete' as const,
            message: `${last_pass?.message ?? 'The last pass failed.'} Next retry: ${retry.not_before}.`,
          }
  const commit = watermark?.commit ?? null
  const cause = findings.find(({ code }) => code === 'pass_failed')?.cause ?? null
  return {
    source,
    kind: 'none',
    commit,
    ...timesOf(time),
    counts: finding_counts,
    findings,
    news: [],
    cause,
    ...ending,
  }
}

/** The report of a pass that changed nothing, because its mass change needs confirmation. */
export function heldReport(plan: Plan, { after: findings, before }: PassFindings, time: Time): PassReport {
  const { source, kind, commit } = plan
  return {
    ...{ source, result: 'held', kind, commit, ...timesOf(time) },
    counts: countFindings(findings),
    findings,
    news: newsAmong(findings, before),
    message: massChangeMessage(plan),
    cause: null,
  }
}

export function massChangeFinding(plan: Plan): NewFinding {
  return {
    code: 'mass_change',
    subject: { kind: 'source', name: plan.source },
    message: massChangeMessage(plan),
  }
}

function massChangeMessage({ source, commit, massChange }: Plan): string {
  const what = massChange?.message ?? ''
  return `${what} Nothing was changed. If this is intended, apply commit ${commit.slice(0, 12)}: promptctl sync ${source} --confirm`
}

/** The report of a suspended source. */
export function suspendedReport(source: string, state: SourceState | null, time: Time): PassReport {
  return {
    ...emptyReport(source, time),
    result: 'suspended',
    commit: state?.watermark?.commit ?? null,
    message: 'The source is suspended. Remove "suspended" from its configuration to resume.',
  }
}

export interface Trouble {
  readonly message: string
  readonly cause: string | null
}

export function failureReport(source: string, { message, cause }: Trouble, time: Time): PassReport {
  return { ...emptyReport(source, time), result: 'failed', counts: { pass_failed: 1 }, message, cause }
}

function emptyReport(source: string, time: Time) {
  const nothing = {
    kind: 'none',
    commit: null,
    counts: {},
    findings: [],
    news: [],
    message: null,
    cause: null,
  } as const
  return { source, ...timesOf(time), ...nothing }
}

export function storedReport(report: PassReport): StoredReport {
  const { result, kind, started_at, finished_at, commit, counts, message } = report
  const duration_ms = Math.max(0, Date.parse(finished_at) - Date.parse(started_at))
  return {
    ...{ result, kind, started_at, finished_at, duration_ms, commit, message },
    counts: { ...counts },
    times: 1,
  }
}

function timesOf({ startedAt, now }: Time) {
  return { started_at: new Date(startedAt).toISOString(), finished_at: new Date(now).toISOString() }
}
