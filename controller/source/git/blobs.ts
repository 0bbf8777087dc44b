import type { Blob, RefListing } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { type SourceError, sourceError } from '../source-error.ts'
import type { GitCommand } from './command.ts'
import { fetchBlobs } from './fetch.ts'
import { checkOid, inspectOpen } from './inspect.ts'
import type { GitObject, ObjectReader } from './object-reader.ts'

export interface GitBlobAccess {
  readonly git: GitCommand
  readonly directory: string
  readonly listing: RefListing
  readonly reader: ObjectReader
  readonly signal: AbortSignal
  /** Sizes in bytes of blobs in the cache. Each is looked up once. */
  readonly sizes: Map<Oid, number>
  track<T>(work: () => Promise<T>): Promise<T>
}

// Enough to keep git busy while the caller works, but little memory.
const AHEAD_COUNT = 32
const AHEAD_BYTES = 4 * 1024 * 1024

/** See `GitSnapshot.blobs`. Sizes are known before content is read, so a large blob is never in memory. */
export async function* streamBlobs(
  access: GitBlobAccess,
  oids: Iterable<Oid>,
  maxBytes: number,
): AsyncGenerator<Blob | { readonly oid: Oid; readonly tooLarge: number }> {
  const sizes = await access.track(() => presentSizes(access, [...new Set(oids)].map(checkOid)))
  const ahead: { oid: Oid; size: number; object: Promise<GitObject | undefined> }[] = []
  let aheadBytes = 0
  const next = async () => {
    const entry = ahead.shift()
    if (!entry) return undefined
    aheadBytes -= entry.size
    const object = await access.track(() => entry.object)
    if (!object) throw missing(entry.oid)
    return { oid: entry.oid, bytes: object.bytes }
  }

  for (const [oid, size] of sizes) {
    if (size > maxBytes) {
      yield { oid, tooLarge: size }
      continue
    }
    const isFull = ahead.length >= AHEAD_COUNT || aheadBytes + size > AHEAD_BYTES
    // Down to half, so that the next ones are asked for together.
    const kept = isFull ? ahead.length >> 1 : ahead.length
    while (ahead.length > kept || (ahead.length > 0 && aheadBytes + size > AHEAD_BYTES)) {
      const blob = await next()
      if (blob) yield blob
    }
    const object = access.reader.read(oid)
    // If the caller stops iterating, nobody awaits these reads.
    object.catch(() => {})
    ahead.push({ oid, size, object })
    aheadBytes += size
  }
  for (let blob = await next(); blob; blob = await next()) yield blob
}

/** Fetches missing blobs and returns the size of each. Blobs with a known size are in the cache. */
async function presentSizes(access: GitBlobAccess, oids: readonly Oid[]): Promise<Map<Oid, number>> {
  const unknown = oids.filter((oid) => !access.sizes.has(oid))
  if (unknown.length > 0) await learnSizes(access, unknown)
  return new Map(
    oids.map((oid) => {
      const size = access.sizes.get(oid)
      if (size === undefined) throw missing(oid)
      return [oid, size]
    }),
  )
}

async function learnSizes(access: GitBlobAccess, oids: readonly Oid[]): Promise<void> {
  const { git, directory, listing, signal, sizes } = access
  const found = await inspectOpen(access, oids)
  const absent = oids.filter((oid) => !found.has(oid))
  if (absent.length > 0) {
    await fetchBlobs(git, directory, absent, listing, signal)
    for (const [oid, info] of await inspectOpen(access, absent)) found.set(oid, info)
  }
  for (const [oid, info] of found) if (info.type === 'blob') sizes.set(oid, info.size)
}

function missing(oid: Oid): SourceError {
  return sourceError('object_missing', `The repository has no file with the content ${oid}.`, {
    object: oid,
  })
}
