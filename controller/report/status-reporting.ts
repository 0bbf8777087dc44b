import type { Outcome } from '../pass/outcomes.ts'
import type { Reporting } from '../pass/pass-input.ts'
import { finalStatuses, type PlannedPass, pendingStatus, type StatusSettings } from './commit-statuses.ts'
import type { HostReports } from './host-reports.ts'
import { createStatusBoard } from './status-board.ts'
import { inTime, type Timeout } from './time-limit.ts'

export interface StatusReportingOptions {
  readonly host: HostReports
  readonly settings: StatusSettings
  readonly warn: (message: string) => void
  readonly timeout: Timeout
}

/** How long a pass waits for its statuses, at most; what is not set by then is tried again at the next. */
const STATUSES_MS = 15_000

/** Commit statuses: pending before a pass does anything, and what came of it. A pass without a plan asks nothing. */
export function createStatusReporting({ host, settings, warn, timeout }: StatusReportingOptions): Reporting {
  const board = createStatusBoard({ host, warn })
  return async (input, pass) => {
    let planned: PlannedPass | undefined
    const report = await pass({
      ...input,
      onPlan(plan, moment) {
        input.onPlan?.(plan, moment)
        planned = { plan, moment, outcomes: [] }
        // Where a pass is tried again, what is said of the commit stays until there is news.
        const pending = pendingStatus(plan, settings).filter((status) => !board.knows(status))
        void board.post(pending, inTime(timeout(STATUSES_MS), input.signal))
      },
      onOutcomes(outcomes: readonly Outcome[]) {
        input.onOutcomes?.(outcomes)
        if (planned !== undefined) planned = { ...planned, outcomes }
      },
    })
    const statuses = planned === undefined ? [] : finalStatuses(report, planned, settings)
    await board.post(statuses, inTime(timeout(STATUSES_MS), input.signal))
    return report
  }
}
