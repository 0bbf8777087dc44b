import { countsText } from '../findings/counts-text.ts'
import { classOf } from '../findings/finding.ts'
import { verdictOf } from '../findings/verdict.ts'
import type { Planned } from '../pass/pass-input.ts'
import { countChanges } from '../plan/changes.ts'
import type { ChangeOutcome } from '../plan/outcomes.ts'
import type { Plan } from '../plan/plan.ts'
import type { PassReport } from '../state/pass-report.ts'
import type { CommitStatus } from './host-reports.ts'
import { type ReleaseStatus, releaseStatuses, type TagSettings } from './release-statuses.ts'

/** Decides the commit statuses of a pass. Pure. */

export interface StatusSettings extends TagSettings {
  /** The name of the source in status contexts and comments. */
  readonly reporter: string
  readonly targetUrl: string | null
}

/** A pass that made a plan. `outcomes` is empty if the pass was held or failed. */
export interface PlannedPass extends Planned {
  readonly outcomes: Iterable<ChangeOutcome>
}

const MOST_CHARACTERS = 140

/** The status before a plan is applied, or none for an empty plan. */
export function pendingStatus(plan: Plan, settings: StatusSettings): CommitStatus[] {
  const count = countChanges(plan)
  if (count === 0) return []
  const description = `${count} ${count === 1 ? 'change is' : 'changes are'} on the way to the registry`
  return [branchStatus(plan, 'pending', description, settings)]
}

/** The statuses after a pass: for the branch's commit, and for the newest commits whose tags changed or have a problem. */
export function finalStatuses(
  report: PassReport,
  { plan, moment, findings, outcomes }: PlannedPass,
  settings: StatusSettings,
): CommitStatus[] {
  const isClean = verdictOf(report.counts).exitCode === 0
  const state = isClean ? 'success' : report.result === 'failed' ? 'error' : 'failure'
  const onBranch = branchStatus(plan, state, describe(report), settings)
  // The plan was not applied, so its tags have no outcome.
  if (report.result === 'held' || report.result === 'failed') return [onBranch]
  const releases = releaseStatuses({ plan, outcomes, listing: moment.listing, known: findings }, settings)
  return [onBranch, ...releases.map((one) => commitStatusOf(one, settings))]
}

/** Clips a description to one line within the host's limit. */
export function clipDescription(text: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .toWellFormed()
    .trim()
  if (line.length <= MOST_CHARACTERS) return line
  let kept = ''
  for (const character of line) {
    if (kept.length + character.length >= MOST_CHARACTERS) break
    kept += character
  }
  return `${kept}…`
}

/** The counts, then the reasons for a failure. */
function describe(report: PassReport): string {
  const { result, message, counts, findings } = report
  if (result === 'failed' || result === 'held') return `${result}: ${message ?? ''}`
  const what = countsText(counts) || 'nothing to change'
  const needs = findings.filter(({ code }) => classOf(code) !== 'notice')
  const reasons = needs.map(({ subject, message: sentence }) =>
    subject.name === '' || sentence.includes(subject.name) ? sentence : `${subject.name}: ${sentence}`,
  )
  return reasons.length === 0 ? what : `${what}: ${reasons.join(' ')}`
}

function branchStatus(
  { commit }: Plan,
  state: CommitStatus['state'],
  description: string,
  { reporter, targetUrl }: StatusSettings,
): CommitStatus {
  const context = `prompt-registry/${reporter}`
  return { commit, context, state, description: clipDescription(description), targetUrl }
}

function commitStatusOf(
  { commit, state, description }: ReleaseStatus,
  { reporter, targetUrl }: StatusSettings,
): CommitStatus {
  const context = `prompt-registry/${reporter}/release`
  return { commit, context, state, description: clipDescription(description), targetUrl }
}
