import type { Readable, Writable } from 'node:stream'
import type { Runtime } from '../values/runtime.ts'
import type { Look } from './look.ts'

/** Everything that a command gets from its process. */
export interface CliRuntime extends Runtime {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly stdin: Readable
  readonly cwd: string
  /** The name under which a remote registry counts reads. Default: `promptctl`, whose reads are not counted. */
  readonly application?: string
  /** Default: tables with headings. */
  readonly look?: Look
  /** Makes the process collect garbage before its heap is large, for a few percent of processor time. Default: not. */
  readonly growHeapSlowly?: () => void
}

/**
 * 0: success. 1: failures or findings that need action. 2: usage error, or changes (`--detailed-exitcode`).
 */
export type ExitCode = 0 | 1 | 2
