/** Everything that the controller takes from its process and environment. */
export interface Runtime {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  /** Unique among running processes. */
  readonly instance: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly fetch: typeof fetch
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal
}
