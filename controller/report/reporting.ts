import type { Reporting } from '../pass/pass-input.ts'
import type { StatusSettings } from './commit-statuses.ts'
import type { HostReports } from './host-reports.ts'
import { createPullRequestReporting } from './pull-request-reporting.ts'
import { createStatusReporting } from './status-reporting.ts'
import { byTheClock, type Timeout } from './time-limit.ts'

export interface ReportingOptions {
  readonly host: HostReports
  readonly settings: ReportSettings
  /** Told of what could not be reported, in a sentence. */
  readonly warn: (message: string) => void
  /** Ends what takes too long; by the clock when not given. */
  readonly timeout?: Timeout
}

export interface ReportSettings extends StatusSettings {
  readonly statuses: boolean
  readonly pullRequests: boolean
  /** Whether pull requests of forks count. */
  readonly forks: boolean
}

/** Tells of passes as the configuration says. Kept between passes, it knows what was told. */
export function createReporting({ timeout = byTheClock, ...given }: ReportingOptions): Reporting {
  const none: Reporting = (input, pass) => pass(input)
  const options = { ...given, timeout }
  const { settings } = given
  const statuses = settings.statuses ? createStatusReporting(options) : none
  const pullRequests = settings.pullRequests ? createPullRequestReporting(options) : none
  return (input, pass) => pullRequests(input, (inner) => statuses(inner, pass))
}
