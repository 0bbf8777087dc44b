/** What the controller gets from the process that it runs in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  /** Unique among living processes. */
  readonly instance: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly fetch: typeof fetch
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal
}
