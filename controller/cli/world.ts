import type { Readable, Writable } from 'node:stream'
import type { Surroundings } from '../configuration/surroundings.ts'

/** What a command gets from the process it runs in. */
export interface World extends Surroundings {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly stdin: Readable
  readonly cwd: string
}

/** 0: done. 1: something failed or was quarantined. 2: wrong use. */
export type ExitCode = 0 | 1 | 2
