import { type Oid, type RefListing, SourceError, type TagSignature } from '../git-source.ts'
import { signatureOf } from '../tag-object.ts'
import type { GitCommand } from './command.ts'
import { fetchTagObjects } from './fetch.ts'
import { checkOid, inspect } from './inspect.ts'
import type { ObjectReader } from './object-reader.ts'

interface TagAccess {
  readonly git: GitCommand
  readonly directory: string
  readonly listing: RefListing
  readonly reader: ObjectReader
  readonly signal: AbortSignal
}

/** See `GitSnapshot.tagSignatures`. Passes that judge no signature never fetch a tag object. */
export async function tagSignatures(
  access: TagAccess,
  objects: Iterable<Oid>,
): Promise<ReadonlyMap<Oid, TagSignature | null>> {
  const { git, directory, listing, reader, signal } = access
  const wanted = [...new Set(objects)].map(checkOid)
  if (wanted.length === 0) return new Map()
  const present = await inspect(git, directory, wanted, signal)
  const refs = new Map(listing.tags.map(({ name, object }) => [object, `refs/tags/${name}`]))
  const absent = wanted
    .filter((oid) => !present.has(oid))
    .map((oid) => [oid, refs.get(oid) ?? missing(oid)] as const)
  if (absent.length > 0) await fetchTagObjects(git, directory, new Map(absent), signal)
  const read = wanted.map(async (oid) => {
    const object = await reader.read(oid)
    return object?.type === 'tag' ? ([oid, signatureOf(object.bytes)] as const) : missing(oid)
  })
  return new Map(await Promise.all(read))
}

function missing(oid: Oid): never {
  throw new SourceError('object_missing', `The repository has no tag object ${oid}: read the refs again.`)
}
