import type { PassReport } from '../state/pass-report.ts'
import { time } from './cells.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { headline, printReport } from './reports.ts'

/** Prints the first report of each source, and those with changes, problems or recoveries, with the time (UTC). */
export function createReportPrinter(runtime: CliRuntime): (report: PassReport) => void {
  const last = new Map<string, PassReport>()
  const print = (report: PassReport, isFirst: boolean) => {
    printReport(runtime, report, { at: `${timeOf(runtime)}  `, isFirst })
  }
  return (report) => {
    const before = last.get(report.source)
    last.set(report.source, report)
    if (before === undefined || isWorthPrinting(report, before)) print(report, before === undefined)
  }
}

/** The time of a line in the log, in UTC. */
export function timeOf({ now }: Pick<CliRuntime, 'now'>): string {
  return time(new Date(now()).toISOString())
}

function isWorthPrinting(report: PassReport, before: PassReport): boolean {
  if (report.result === 'unchanged') return before.result !== 'unchanged' && before.result !== 'synced'
  if (report.result === 'held' || report.result === 'suspended')
    return before.result !== report.result || before.message !== report.message
  return report.result === 'synced' || headline(report) !== headline(before)
}
