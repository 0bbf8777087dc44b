import type { PassReport } from '../state/pass-report.ts'
import type { Overdue } from './due.ts'

/** The decisions for one minute of the schedule. */
export interface Tick {
  /** Names of sources, grouped by repository. */
  readonly due: readonly (readonly string[])[]
  /** `undefined` if the registry is unreachable. */
  readonly overdue: readonly Overdue[] | undefined
}

/** A webhook delivery and its response. */
export interface Delivered {
  readonly path: string
  /** HTTP status of the response. */
  readonly status: number
}

/** Logs a function's work and counts it in metrics. */
export interface ControllerObserver {
  /** Later log lines belong to this invocation. */
  begin(requestId: string): void
  ticked(tick: Tick): void
  passed(report: PassReport): void
  delivered(delivery: Delivered): void
  /** Reports an error that does not fail the invocation. */
  problem(message: string, error: unknown): void
}
