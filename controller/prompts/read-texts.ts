import { LIMITS } from '../../api/contract/limits.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { fileBlobs } from './file-blobs.ts'

/** Whole files as text, for diffs. Replaces bytes that are not UTF-8. Throws `object_missing`. */
export async function readTexts(
  snapshot: GitSnapshot,
  blobs: readonly Oid[],
): Promise<ReadonlyMap<Oid, string>> {
  const texts = new Map<Oid, string>()
  if (blobs.length === 0) return texts
  for await (const blob of fileBlobs(snapshot, blobs, LIMITS.fileBytes))
    if ('bytes' in blob) texts.set(blob.oid, Buffer.from(blob.bytes).toString())
  return texts
}
