import { MOST_OBJECT_BYTES, objectTooLarge } from '../object-size.ts'
import type { Oid } from '../oid.ts'
import type { GitObject, ObjectReader } from './object-reader.ts'

/** Checks the size first. Returns `undefined` if the object is not in the cache. Throws `too_large`. */
export async function readSmall(
  { info, read }: Pick<ObjectReader, 'info' | 'read'>,
  oid: Oid,
): Promise<GitObject | undefined> {
  const found = await info(oid)
  if (found === undefined) return undefined
  if (found.size > MOST_OBJECT_BYTES) throw objectTooLarge(found.type, oid, found.size)
  return await read(oid)
}
