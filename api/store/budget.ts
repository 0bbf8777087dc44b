/** The time limit of one request. Created by the entry point; everything below stops with it. */
export interface Budget {
  /** Aborts when time runs out. */
  readonly signal: AbortSignal
  /** The total time of the request. */
  readonly totalMs: number
}
