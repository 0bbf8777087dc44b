import { decodeFile } from '../../api/contract/reading/index.ts'
import type { GitSnapshot } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { splitText, wholeOf } from './split-text.ts'

/** The bytes of a blob, or their number if there are too many. */
export type BlobContent = { readonly bytes: Uint8Array } | { readonly tooLarge: number }

/** The blobs of prompt files, of which some are keys of a split file. Throws `object_missing` if one is gone. */
export async function* fileBlobs(
  snapshot: Pick<GitSnapshot, 'blobs'>,
  oids: Iterable<Oid>,
  mostBytes: number,
): AsyncGenerator<{ readonly oid: Oid } & BlobContent> {
  const wanted = Map.groupBy(new Set(oids), (oid) => wholeOf(oid).whole)
  if (wanted.size === 0) return
  for await (const blob of snapshot.blobs(wanted.keys(), mostBytes)) {
    const oids = wanted.get(blob.oid) ?? []
    const hasParts = oids.some((oid) => wholeOf(oid).key !== undefined)
    const parts = hasParts && 'bytes' in blob ? partsIn(blob.bytes) : NO_PARTS
    for (const oid of oids) {
      const { key } = wholeOf(oid)
      if (key === undefined || 'tooLarge' in blob) yield { ...blob, oid }
      else yield { oid, bytes: new TextEncoder().encode(parts.get(key) ?? '') }
    }
  }
}

const NO_PARTS: ReadonlyMap<string, string> = new Map()

function partsIn(bytes: Uint8Array): ReadonlyMap<string, string> {
  const text = decodeFile(bytes)
  return typeof text === 'string' ? new Map(splitText(text).map((one) => [one.key, one.text])) : NO_PARTS
}
