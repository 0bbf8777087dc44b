import { RegistryError } from '../../contract/errors.ts'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Another connection holds the lock that this one needs; extended codes carry the plain one in the low byte. */
export function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' && [SQLITE_BUSY, SQLITE_LOCKED].includes(code & 0xff)
}

/** What a failure of SQLite is to a caller of the store. */
export function storeFailure(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  if (isBusy(error)) {
    return new RegistryError('busy', 'The registry is busy with other writes; try again in a moment.', {
      cause: error,
    })
  }
  return new RegistryError('unavailable', 'The registry cannot reach its database; see its log.', {
    cause: error,
  })
}
