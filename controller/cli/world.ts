import type { Readable, Writable } from 'node:stream'

/** What a command gets from the process it runs in. */
export interface World {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly stdin: Readable
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly hostname: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal
}

/** 0: done. 1: something failed or was quarantined. 2: wrong use. */
export type ExitCode = 0 | 1 | 2
