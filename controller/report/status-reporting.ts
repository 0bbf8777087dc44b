import type { Reporting } from '../pass/pass-input.ts'
import type { ChangeOutcome } from '../plan/outcomes.ts'
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

/** How long a pass waits for its statuses. The next pass retries the rest. */
const STATUSES_MS = 15_000

/** Sets commit statuses: pending before changes are applied, then the result. A pass without a plan sets none. */
export function createStatusReporting({ host, settings, warn, timeout }: StatusReportingOptions): Reporting {
  const board = createStatusBoard({ host, warn })
  return async (input, pass) => {
    let planned: PlannedPass | undefined
    const report = await pass({
      ...input,
      onPlan(made) {
        input.onPlan?.(made)
        planned = { ...made, outcomes: [] }
        // A retried pass keeps the status of its commit until its end.
        const pending = pendingStatus(made.plan, settings).filter((status) => !board.knows(status))
        void board.post(pending, inTime(timeout(STATUSES_MS), input.signal))
      },
      onOutcomes(outcomes: Iterable<ChangeOutcome>) {
        input.onOutcomes?.(outcomes)
        if (planned !== undefined) planned = { ...planned, outcomes }
      },
    })
    const statuses = planned === undefined ? [] : finalStatuses(report, planned, settings)
    await board.post(statuses, inTime(timeout(STATUSES_MS), input.signal))
    return report
  }
}
