import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { SourceError } from '../git-source.ts'

export interface Lock {
  /** Lets the next one in. Twice is harmless. */
  release(): void
}

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 200
const SQLITE_BUSY = 5

/**
 * Takes the exclusive lock that `file` stands for, over all processes of this machine and all callers of this
 * one. Waits up to `timeoutMs`, then throws `busy`.
 *
 * The lock is an open SQLite transaction: the operating system frees it when the process dies, however it
 * dies, so no lock file can be left behind. Never open `file` by other means in this process: closing any
 * handle of it would drop the lock (POSIX). Not for network file systems, where such locks are unreliable.
 */
export async function takeLock(file: string, timeoutMs: number, signal?: AbortSignal): Promise<Lock> {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // The waiting is counted, not measured: no clock is needed for "about so long".
    for (
      let waited = 0, pause = FIRST_PAUSE_MS;
      !begin(database);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      if (waited >= timeoutMs) throw busy()
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
    throw new SourceError('failed', 'The lock of the git cache cannot be used: see the cause.', {
      cause: error,
    })
  }
}

function busy(): SourceError {
  return new SourceError(
    'busy',
    'Another run reads this repository and holds its cache: wait for it to end, or stop it.',
  )
}

function stopped(signal: AbortSignal): SourceError {
  return new SourceError('failed', 'Stopped while waiting for the git cache.', { cause: signal.reason })
}
