import type { RefListing, TagObject } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import { parseTagObject } from '../tag-object.ts'
import { fetchTagObjects } from './fetch.ts'
import { type CacheAccess, checkOid, inspectOpen } from './inspect.ts'
import { readSmall } from './small-object.ts'

interface TagAccess extends CacheAccess {
  readonly listing: RefListing
}

const AT_ONCE = 64
/** The limit for one call: about 60,000 signed tags. */
const MOST_BYTES = 64 * 1024 * 1024

/** See `GitSnapshot.tagObjects`. Fetches tag objects only when requested. */
export async function tagObjects(
  access: TagAccess,
  objects: Iterable<Oid>,
  mostBytes = MOST_BYTES,
): Promise<ReadonlyMap<Oid, TagObject>> {
  const { listing, reader } = access
  const wanted = [...new Set(objects)].map(checkOid)
  const found = new Map<Oid, TagObject>()
  if (wanted.length === 0) return found
  const present = await inspectOpen(access, wanted)
  const refs = new Map(listing.tags.map(({ name, object }) => [object, `refs/tags/${name}`]))
  const absent = wanted
    .filter((oid) => !present.has(oid))
    .map((oid) => [oid, refs.get(oid) ?? missing(oid)] as const)
  if (absent.length > 0) await fetchTagObjects(access, new Map(absent))
  let bytes = 0
  for (let from = 0; from < wanted.length && bytes < mostBytes; from += AT_ONCE) {
    const batch = wanted.slice(from, from + AT_ONCE)
    const read = await Promise.all(batch.map((oid) => readSmall(reader, oid)))
    for (const [index, oid] of batch.entries()) {
      const object = read[index]
      if (object?.type !== 'tag') throw missing(oid)
      bytes += object.bytes.length
      found.set(oid, parseTagObject(object.bytes))
    }
  }
  return found
}

function missing(oid: Oid): never {
  throw sourceError('object_missing', `The repository has no tag object ${oid}.`, { object: oid })
}
