import type { PassReport } from '../state/pass-report.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { headline, printReport } from './reports.ts'

/** Prints only passes with news: the first of each source, changes, problems and recoveries. */
export function createPassNews(runtime: CliRuntime): (report: PassReport) => void {
  const told = new Map<string, PassReport>()
  return (report) => {
    const before = told.get(report.source)
    told.set(report.source, report)
    if (before === undefined || isNews(report, before)) printReport(runtime, report)
  }
}

function isNews(report: PassReport, before: PassReport): boolean {
  if (report.result === 'unchanged') return before.result !== 'unchanged' && before.result !== 'synced'
  if (report.result === 'held' || report.result === 'suspended')
    return before.result !== report.result || before.message !== report.message
  return report.result === 'synced' || headline(report) !== headline(before)
}
