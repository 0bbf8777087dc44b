import type { PassReport } from '../pass/pass-report.ts'
import type { Overdue } from './due.ts'

/** What the schedule decided for a minute. */
export interface Tick {
  /** Names, those of one repository together. */
  readonly due: readonly (readonly string[])[]
  /** `undefined` where it cannot be told, because the registry did not answer. */
  readonly overdue: readonly Overdue[] | undefined
}

/** A delivery and what became of it. */
export interface Delivered {
  readonly path: string
  /** Of the HTTP answer. */
  readonly status: number
}

/** Where a function's work is logged and counted. */
export interface ControllerObserver {
  /** What follows belongs to this invocation. */
  begin(requestId: string): void
  ticked(tick: Tick): void
  passed(report: PassReport): void
  delivered(delivery: Delivered): void
  /** Something went wrong that does not fail the invocation. */
  problem(message: string, error: unknown): void
}
