import { type PassReport, summaryOf } from '../pass/pass-report.ts'
import type { World } from './world.ts'

const LEVELS: Readonly<Record<PassReport['result'], 'info' | 'warn' | 'error'>> = {
  synced: 'info',
  unchanged: 'info',
  suspended: 'info',
  held: 'warn',
  incomplete: 'warn',
  failed: 'error',
}

/** What could not be reported, in the same way. */
export function createWarningLog({ stderr, now }: Pick<World, 'stderr' | 'now'>): (message: string) => void {
  return (message) => {
    const line = { level: 'warn', at: new Date(now()).toISOString(), message }
    stderr.write(`${JSON.stringify(line)}\n`)
  }
}

/** Every pass as one JSON object on a line of its own, on stderr: for log collectors. */
export function createPassLog({ stderr, now }: Pick<World, 'stderr' | 'now'>): (report: PassReport) => void {
  return (report) => {
    const { times: _, message: said, ...summary } = summaryOf(report)
    const { source, result, findings } = report
    const line = {
      level: LEVELS[result],
      at: new Date(now()).toISOString(),
      message: said === null ? `pass ${result}` : `pass ${result}: ${said}`,
      source,
      ...summary,
      findings: findings.length,
    }
    stderr.write(`${JSON.stringify(line)}\n`)
  }
}
