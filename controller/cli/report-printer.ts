import type { PassReport } from '../state/pass-report.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { headline, printReport } from './reports.ts'

/** Prints the first report of each source, and those with changes, problems or recoveries. */
export function createReportPrinter(runtime: CliRuntime): (report: PassReport) => void {
  const last = new Map<string, PassReport>()
  return (report) => {
    const before = last.get(report.source)
    last.set(report.source, report)
    if (before === undefined || isWorthPrinting(report, before)) printReport(runtime, report)
  }
}

function isWorthPrinting(report: PassReport, before: PassReport): boolean {
  if (report.result === 'unchanged') return before.result !== 'unchanged' && before.result !== 'synced'
  if (report.result === 'held' || report.result === 'suspended')
    return before.result !== report.result || before.message !== report.message
  return report.result === 'synced' || headline(report) !== headline(before)
}
