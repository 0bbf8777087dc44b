import type { Oid } from './oid.ts'
import { type SourceError, sourceError } from './source-error.ts'

/** The limit for a commit or a tag object. The longest commit message of the Linux kernel has 30 KB. */
export const MOST_OBJECT_BYTES = 1024 * 1024

/** `size` in bytes, if it is known. */
export function objectTooLarge(type: string, object: Oid, size?: number): SourceError {
  const what = type === 'tag' ? 'tag object' : type
  const bytes = size === undefined ? 'more than 1 MiB' : `${size.toLocaleString('en')} bytes`
  const happened = `The ${what} ${object} has ${bytes}. At most 1 MiB is read.`
  const next =
    type === 'tag'
      ? 'Delete its tag, or recreate it with a shorter message.'
      : 'Push another commit with a shorter message.'
  return sourceError('too_large', happened, { next, object })
}
