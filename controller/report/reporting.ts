import type { Reporting } from '../pass/pass-input.ts'
import type { StatusSettings } from './commit-statuses.ts'
import type { HostReports } from './host-reports.ts'
import { createPullRequestReporting } from './pull-request-reporting.ts'
import { createStatusReporting } from './status-reporting.ts'
import { byTheClock, type Timeout } from './time-limit.ts'

export interface ReportingOptions {
  readonly host: HostReports
  readonly settings: ReportSettings
  /** Receives a sentence about each report that failed. */
  readonly warn: (message: string) => void
  /** The time limit (default: the clock). */
  readonly timeout?: Timeout
}

export interface ReportSettings extends StatusSettings {
  readonly statuses: boolean
  readonly pullRequests: boolean
  /** Whether to comment on pull requests from forks. */
  readonly forks: boolean
}

/** Reports passes as configured. Keep it between passes: it remembers its reports. */
export function createReporting({ timeout = byTheClock, ...given }: ReportingOptions): Reporting {
  const none: Reporting = (input, pass) => pass(input)
  const options = { ...given, timeout }
  const { settings } = given
  const statuses = settings.statuses ? createStatusReporting(options) : none
  const pullRequests = settings.pullRequests ? createPullRequestReporting(options) : none
  return (input, pass) => pullRequests(input, (inner) => statuses(inner, pass))
}
