import type { Outcome } from '../pass/outcomes.ts'
import type { Moment } from '../pass/pass.ts'
import { isClean, type PassReport } from '../pass/pass-report.ts'
import { countChanges, type Plan } from '../plan.ts'
import { countsText } from '../state/counts-text.ts'
import type { CommitStatus } from './host-reports.ts'
import { type ReleaseNews, releaseNews, type TagSettings } from './release-news.ts'

/** Which commit statuses a pass is worth. Pure. */

export interface StatusSettings extends TagSettings {
  /** Names the source among all that report on the repository. */
  readonly reporter: string
  readonly targetUrl: string | null
}

/** A pass that went as far as to have a plan. `outcomes` is empty where it was held or failed. */
export interface PlannedPass {
  readonly plan: Plan
  readonly moment: Moment
  readonly outcomes: readonly Outcome[]
}

const MOST_CHARACTERS = 140

/** Before anything is done; nothing where there is nothing to do. */
export function pendingStatus(plan: Plan, settings: StatusSettings): CommitStatus[] {
  const count = countChanges(plan)
  if (count === 0) return []
  const description = `${count} ${count === 1 ? 'change is' : 'changes are'} on the way to the registry`
  return [branchStatus(plan, 'pending', description, settings)]
}

/** At the end: one for the branch's commit, and one for each of the newest commits whose tags are news. */
export function finalStatuses(
  report: PassReport,
  { plan, moment, outcomes }: PlannedPass,
  settings: StatusSettings,
): CommitStatus[] {
  const state = isClean(report) ? 'success' : report.result === 'failed' ? 'error' : 'failure'
  const onBranch = branchStatus(plan, state, describe(report), settings)
  // Of a plan that was not carried out, nothing can be said of its tags.
  if (report.result === 'held' || report.result === 'failed') return [onBranch]
  const news = releaseNews({ plan, outcomes, listing: moment.listing, known: moment.state }, settings)
  return [onBranch, ...news.map((one) => releaseStatus(one, settings))]
}

/** One line within the host's limit. */
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

/** What was counted, then why it is not well, as far as that fits. */
function describe(report: PassReport): string {
  const counts = countsText(report.counts)
  if (report.result === 'failed' || report.result === 'held')
    return `${report.result}: ${report.message ?? ''}`
  const reasons = [
    ...(report.message === null ? [] : [report.message]),
    ...report.quarantined.map(({ path, reason }) => `${path}: ${reason}`),
    ...report.findings.map(({ subject, message }) =>
      message.includes(subject) ? message : `${subject}: ${message}`,
    ),
  ]
  const what = counts === '' ? 'nothing to change' : counts
  return isClean(report) || reasons.length === 0 ? what : `${what}: ${reasons.join(' ')}`
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

function releaseStatus(
  { commit, state, description }: ReleaseNews,
  { reporter, targetUrl }: StatusSettings,
): CommitStatus {
  const context = `prompt-registry/${reporter}/release`
  return { commit, context, state, description: clipDescription(description), targetUrl }
}
