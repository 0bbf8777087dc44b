import { oneLine, SourceError, type SourceErrorCode, sourceError } from '../source-error.ts'
import { cacheDamage } from './errors.ts'

/**
 * Diagnoses a failure of the file system or of SQLite in the cache folder. Returns any other error unchanged: a
 * bug must not look like a damaged cache.
 */
export function cacheFailure(error: unknown, cacheDir: string): unknown {
  if (error instanceof SourceError) return error
  const cause = new Error(oneLine(error instanceof Error ? error.message : String(error)))
  const { code, errcode, syscall } = (error ?? {}) as Record<string, unknown>
  const kind = typeof errcode === 'number' ? SQLITE[errcode & 0xff] : SYSTEM[String(code)]
  switch (kind) {
    case 'disk_full':
      return sourceError(kind, `The disk of the cache folder ${cacheDir} is full.`, { cause })
    case 'cache_unwritable':
      return sourceError(kind, `The cache folder ${cacheDir} cannot be written.`, { cause })
    case 'cache_damaged':
      return sourceError(kind, `The lock in the cache folder ${cacheDir} is damaged.`, {
        next: 'Stop all runs that use this folder, then delete it. The next pass recreates it.',
        cause,
      })
    default:
      break
  }
  // Node reports a read-only disk as ENOENT when it creates parent folders.
  if (code === 'ENOENT' && syscall === 'mkdir')
    return sourceError('cache_unwritable', `The cache folder ${cacheDir} cannot be written.`, { cause })
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return sourceError('cache_unwritable', `The cache folder ${cacheDir} is not a folder.`, {
      next: 'Move the file away, or name another folder (cache).',
      cause,
    })
  if (code === 'EMFILE' || code === 'ENFILE')
    return sourceError('failed', 'Too many files are open.', {
      next: 'Raise the limit of open files (ulimit -n).',
      cause,
    })
  const isSystem = typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)
  return isSystem || errcode !== undefined
    ? cacheDamage(`The cache folder ${cacheDir} cannot be used.`, cause)
    : error
}

const SYSTEM: Readonly<Record<string, SourceErrorCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EACCES: 'cache_unwritable',
  EPERM: 'cache_unwritable',
  EROFS: 'cache_unwritable',
}

/** Primary result codes: FULL; PERM, READONLY, CANTOPEN; CORRUPT, NOTADB. */
const SQLITE: Readonly<Record<number, SourceErrorCode>> = {
  13: 'disk_full',
  3: 'cache_unwritable',
  8: 'cache_unwritable',
  14: 'cache_unwritable',
  11: 'cache_damaged',
  26: 'cache_damaged',
}
