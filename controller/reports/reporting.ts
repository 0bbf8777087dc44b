import type { Reporting } from '../pass-input.ts'
import type { StatusSettings } from './commit-statuses.ts'
import type { HostReports } from './host-reports.ts'
import { createStatusReporting } from './status-reporting.ts'

export interface ReportingOptions {
  readonly host: HostReports
  readonly settings: StatusSettings & { readonly statuses: boolean }
  /** Told of what could not be reported, in a sentence. */
  readonly warn: (message: string) => void
}

/** Tells of passes as the configuration says. Kept between passes, it knows what was told. */
export function createReporting({ host, settings, warn }: ReportingOptions): Reporting {
  const none: Reporting = (input, pass) => pass(input)
  return settings.statuses ? createStatusReporting({ host, settings, warn }) : none
}
