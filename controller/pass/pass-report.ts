import { LAYOUT_FILE, unknownName } from '../desired/repository-layout.ts'
import type { Quarantined } from '../plan/observed.ts'
import type { Plan } from '../plan.ts'
import type { PassSummary } from '../state/pass-history.ts'
import type { Finding, SourceState } from '../state/source-state.ts'
import type { Outcome, OutcomeKind } from './outcomes.ts'

/** What passes tell. Pure: times are milliseconds since the epoch. */

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

/** Whether nothing failed, was refused, was quarantined or waits for a person's word. */
export function isClean({ result, counts, findings }: PassReport): boolean {
  const well = endedWell({ result }) && result !== 'held'
  return well && !counts.quarantined && !counts.refused && findings.every(({ kind }) => kind !== 'layout')
}

/** Whether the next pass may wait for its schedule. What is held or suspended waits for a person, not for a retry. */
export function endedWell({ result }: Pick<PassReport, 'result'>): boolean {
  return result !== 'incomplete' && result !== 'failed'
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
  const pending = plan.verification?.pending ?? 0
  const found = [
    ...layoutFindings(plan),
    ...plan.reports.map(tagFinding),
    ...outcomes.flatMap(outcomeFinding),
  ]
  return {
    source: plan.source,
    result: failed.length === 0 && pending === 0 ? 'synced' : 'incomplete',
    kind: plan.kind,
    commit: plan.commit,
    started_at: time(startedAt),
    finished_at: time(now),
    counts: countsOf(plan, outcomes),
    quarantined: plan.quarantined,
    findings: [...found, ...stillOpen(before, plan, found)],
    message: failed[0] === undefined ? pendingMessage(pending) : failedMessage(failed.length, failed[0]),
  }
}

function failedMessage(count: number, first: Outcome): string {
  return `${count} changes failed and are tried again: ${first.message}`
}

function pendingMessage(pending: number): string | null {
  if (pending === 0) return null
  return `The signatures of ${pending} tags are not read yet, as the host limits requests; the next pass goes on with them.`
}

/**
 * The report of a pass that found nothing to do, with what is known from the passes before. While a retry waits for
 * its time, nothing moved and yet not all is well.
 */
export function idleReport(source: string, state: SourceState, startedAt: number, now: number): PassReport {
  const { retry, last_pass, held } = state
  return {
    source,
    result: held !== null ? 'held' : retry === null ? 'unchanged' : 'incomplete',
    kind: 'none',
    commit: state.watermark?.commit ?? null,
    started_at: time(startedAt),
    finished_at: time(now),
    // The state keeps the first of a long list, and how many there were.
    counts: { quarantined: Math.max(state.quarantined_count, state.quarantined.length) },
    quarantined: state.quarantined,
    findings: state.findings,
    message:
      held !== null
        ? held.message
        : retry === null
          ? null
          : `${last_pass?.message ?? 'The last pass failed.'} (again at ${retry.not_before})`,
  }
}

/** The report of a pass that changes nothing, because it would change too much. */
export function heldReport(plan: Plan, message: string, startedAt: number, now: number): PassReport {
  const { missing = 0, replaced = 0 } = plan.massChange ?? {}
  return {
    source: plan.source,
    result: 'held',
    kind: plan.kind,
    commit: plan.commit,
    started_at: time(startedAt),
    finished_at: time(now),
    counts: { missing, replaced, quarantined: plan.quarantined.length },
    quarantined: plan.quarantined,
    findings: [...layoutFindings(plan), ...plan.reports.map(tagFinding)],
    message,
  }
}

/** What a person reads where a mass change is held. */
export function heldMessage(plan: Plan): string {
  const { source, commit, massChange } = plan
  const what = massChange?.message ?? ''
  return `${what} So nothing is changed; if that is meant, "promptctl sync ${source} --confirm" lets commit ${commit.slice(0, 12)} through.`
}

/** The report of a pass of a source that is not to be touched. */
export function suspendedReport(
  source: string,
  state: SourceState | null,
  startedAt: number,
  now: number,
): PassReport {
  return {
    source,
    result: 'suspended',
    kind: 'none',
    commit: state?.watermark?.commit ?? null,
    started_at: time(startedAt),
    finished_at: time(now),
    counts: {},
    quarantined: [],
    findings: [],
    message:
      'The source is suspended by the configuration; nothing is looked at until "suspended" is taken out.',
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

export function summaryOf(report: PassReport): PassSummary {
  const { result, kind, started_at, finished_at, commit, counts, message } = report
  const duration_ms = Math.max(0, Date.parse(finished_at) - Date.parse(started_at))
  return {
    result,
    kind,
    started_at,
    finished_at,
    duration_ms,
    commit,
    counts: { ...counts },
    message,
    times: 1,
  }
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
    archived: done('archive'),
    retired: done('retire'),
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

function layoutFindings({ layout }: Plan): Finding[] {
  const { problem, unknownNames } = layout
  return [
    ...(problem === null ? [] : [{ kind: 'layout', subject: LAYOUT_FILE, message: problem }]),
    ...unknownNames.map((name) => ({
      kind: 'unknown_name',
      subject: name,
      message: unknownName(name),
    })),
  ]
}

function tagFinding({ kind, tag, message }: Plan['reports'][number]): Finding {
  return { kind, subject: tag, message }
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
