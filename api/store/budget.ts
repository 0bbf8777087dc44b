/** The time limit of one request. Created by the entry point; everything below stops with it. */
export interface Budget {
  /** Aborts when time runs out, or when there is no progress for too long. */
  readonly signal: AbortSignal
  /** Maximum time of one call to storage, in milliseconds. */
  readonly callMs: number
  /** Reports that storage answered a call. */
  readonly progress: () => void
}
