import { RegistryError } from '../../contract/errors.ts'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6
const SQLITE_FULL = 13
/** The index of the log has no space. SQLite reports this as an I/O error. */
const SQLITE_IOERR_SHMSIZE = 4874

/** Another connection has the lock. */
export function isBusy(error: unknown): boolean {
  return [SQLITE_BUSY, SQLITE_LOCKED].includes(codeOf(error) & PLAIN)
}

function isFull(error: unknown): boolean {
  const code = codeOf(error)
  return (code & PLAIN) === SQLITE_FULL || code === SQLITE_IOERR_SHMSIZE
}

/** Extended result codes have the plain code in the low byte. */
const PLAIN = 0xff

function codeOf(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code : 0
}

/** The file or its disk is not writable, so the next write will fail too. */
export function isTrouble(error: unknown): boolean {
  return isFull(error) || NOT_WRITABLE.includes(codeOf(error) & PLAIN)
}

/** SQLITE_PERM, READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB. */
const NOT_WRITABLE: readonly number[] = [3, 8, 10, 11, 14, 26]

/** Maps a failure of SQLite to a `RegistryError`. */
export function storeFailure(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  if (isBusy(error)) {
    return new RegistryError('busy', 'The registry is busy with other writes; try again in a moment.', {
      cause: error,
    })
  }
  if (isFull(error)) return storageFull(error)
  return new RegistryError('unavailable', 'The registry cannot reach its database; see its log.', {
    cause: error,
  })
}

export function storageFull(cause?: unknown): RegistryError {
  return new RegistryError(
    'storage_full',
    'The disk of the registry is full, so writes fail while reads still work. Free some space, then send the change again.',
    { cause },
  )
}

/** Runs a synchronous read as a promise, and maps its failures to `RegistryError`. */
export function reading<A extends unknown[], T>(read: (...args: A) => T): (...args: A) => Promise<T> {
  return async (...args) => {
    try {
      return read(...args)
    } catch (error) {
      throw storeFailure(error)
    }
  }
}
