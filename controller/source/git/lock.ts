import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { SourceError, sourceError } from '../source-error.ts'
import { PRIVATE_FILE } from './private-folder.ts'

export interface Lock {
  /** Idempotent. */
  release(): void
}

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 200
const SQLITE_BUSY = 5

/**
 * Takes the exclusive lock of `file`, across all processes of this machine and all callers in this process. Waits
 * up to `timeoutMs`, then throws `busy`. Throws SQLite's errors about the file unchanged.
 *
 * The lock is an open SQLite transaction: the operating system frees it when the process dies, so a lock is never
 * left behind. Never open `file` by other means in this process: closing any handle would drop the lock (POSIX).
 * Do not use it on network file systems, because their locks are unreliable.
 */
export async function takeLock(file: string, timeoutMs: number, signal?: AbortSignal): Promise<Lock> {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    await chmod(file, PRIVATE_FILE)
    // The waiting is counted, not measured: no clock is needed for "about so long".
    for (
      let waited = 0, pause = FIRST_PAUSE_MS;
      !begin(database);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      if (waited >= timeoutMs) throw busy(file)
      await sleep(pause, undefined, signal && { signal })
      waited += pause
    }
  } catch (error) {
    database.close()
    throw signal?.aborted ? stopped(signal) : error
  }
  return {
    release() {
      // Closing rolls the transaction back; it never wrote anything.
      if (database.isOpen) database.close()
    },
  }
}

function begin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}

function busy(file: string): SourceError {
  return sourceError('busy', `Another run reads this repository and holds its cache (${dirname(file)}).`)
}

function stopped(signal: AbortSignal): SourceError {
  return new SourceError('failed', 'Stopped while waiting for the git cache.', { cause: signal.reason })
}
