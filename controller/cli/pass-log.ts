import { visible } from '../../api/contract/visible-text.ts'
import { verdictOf } from '../findings/verdict.ts'
import { type PassReport, storedReport } from '../state/pass-report.ts'
import type { CliRuntime } from './cli-runtime.ts'

/** Logs each warning as one JSON line on stderr. */
export function createWarningLog({
  stderr,
  now,
}: Pick<CliRuntime, 'stderr' | 'now'>): (message: string) => void {
  return (message) => {
    const line = { level: 'warn', at: new Date(now()).toISOString(), message }
    stderr.write(`${visible(JSON.stringify(line))}\n`)
  }
}

/** Logs each pass as one JSON line on stderr, for log collectors. */
export function createPassLog({
  stderr,
  now,
}: Pick<CliRuntime, 'stderr' | 'now'>): (report: PassReport) => void {
  return (report) => {
    const { times: _, message: why, ...fields } = storedReport(report)
    const { source, result, cause, counts } = report
    const line = {
      level: result === 'failed' ? 'error' : verdictOf(counts).level,
      at: new Date(now()).toISOString(),
      message: why === null ? `pass ${result}` : `pass ${result}: ${why}`,
      source,
      ...fields,
      ...(cause !== null && { cause }),
    }
    stderr.write(`${visible(JSON.stringify(line))}\n`)
  }
}
