import { type GitSnapshot, SourceError, type TagObject } from './git-source.ts'
import type { Oid } from './oid.ts'

export interface SmallTagObjects {
  readonly objects: ReadonlyMap<Oid, TagObject>
  /** Those that are too large to be read. */
  readonly tooLarge: ReadonlySet<Oid>
}

/**
 * Tag objects without those that are too large, which keep none of the others out. Once there is one, they are asked for
 * one by one, so that the work grows with their number.
 */
export async function smallTagObjects(
  snapshot: Pick<GitSnapshot, 'tagObjects'>,
  wanted: Iterable<Oid>,
): Promise<SmallTagObjects> {
  const oids = [...new Set(wanted)]
  if (oids.length === 0) return { objects: new Map(), tooLarge: new Set() }
  const all = await unlessTooLarge(snapshot.tagObjects(oids))
  if (all !== null) return { objects: all, tooLarge: new Set() }
  const objects = new Map<Oid, TagObject>()
  const tooLarge = new Set<Oid>()
  for (const oid of oids) {
    const one = await unlessTooLarge(snapshot.tagObjects([oid]))
    if (one === null) tooLarge.add(oid)
    for (const [name, object] of one ?? []) objects.set(name, object)
  }
  return { objects, tooLarge }
}

async function unlessTooLarge<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SourceError && error.code === 'too_large' && error.object !== null) return null
    throw error
  }
}
