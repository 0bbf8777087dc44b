import { type CommitInfo, type GitSnapshot, type RefListing, viewClosed } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { streamBlobs } from './blobs.ts'
import { distrust } from './cache.ts'
import type { GitCommand } from './command.ts'
import { commitInfo, notACommit } from './commit.ts'
import { CacheDamage, cacheDamage } from './errors.ts'
import { type CacheAccess, checkOid } from './inspect.ts'
import type { Lock } from './lock.ts'
import { mergeBase } from './merge-base.ts'
import type { ObjectReader } from './object-reader.ts'
import { reachableFrom } from './reachable.ts'
import { readSmall } from './small-object.ts'
import { tagObjects } from './tag-objects.ts'
import { createTreeReader } from './tree.ts'

/** Creates a view of one generation of the cache. The view takes over the reader and the lock. */
export function createSnapshot(
  { git, directory, reader: opened }: CacheAccess,
  listing: RefListing,
  lock: Lock,
): GitSnapshot {
  const others = [...listing.branches, ...listing.tags, ...(listing.also ?? [])]
  const listed = new Set([listing.commit, ...others.map(({ commit }) => commit)])
  const reader = insisting(opened, listed)
  const closing = new AbortController()
  const readTree = createTreeReader({ git, directory, reader, signal: closing.signal })
  const atWork = new Set<Promise<unknown>>()
  const sizes = new Map<Oid, number>()
  // Each push of a pass asks for the commit of its file, which is the same for most.
  const commits = new Map<Oid, Promise<CommitInfo>>()
  const readCommit = (oid: Oid) => {
    const reading = readSmall(reader, checkOid(oid)).then((object) => commitInfo(oid, object))
    commits.set(oid, reading)
    reading.catch(() => commits.delete(oid))
    return reading
  }

  /** Closing waits for tracked work, so that nothing writes into the cache after the lock is released. */
  const track = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw viewClosed()
    const running = healing(git, directory, closing.signal, work)
    atWork.add(running)
    return running.finally(() => atWork.delete(running))
  }

  return {
    tree: (commit, scope) => track(() => readTree(checkOid(commit), scope)),
    blobs: (oids, maxBytes) =>
      streamBlobs({ git, directory, listing, reader, track, signal: closing.signal, sizes }, oids, maxBytes),
    reachable: (commits, tips) =>
      track(async () => {
        await demandCommits(reader, tips)
        return reachableFrom(git, directory, commits, tips, closing.signal)
      }),
    mergeBase: (a, b) =>
      track(async () => {
        await demandCommits(reader, [a, b])
        return await mergeBase(git, directory, [a, b], closing.signal)
      }),
    commit: (oid) => track(async () => commits.get(oid) ?? readCommit(oid)),
    tagObjects: (objects) =>
      track(() => tagObjects({ git, directory, listing, reader, signal: closing.signal }, objects)),
    async close() {
      closing.abort(viewClosed())
      await reader.close()
      await Promise.allSettled(atWork)
      lock.release()
    },
  }
}

/** Marks a damaged cache, so that the next opening recreates it. */
async function healing<T>(
  git: GitCommand,
  directory: string,
  closing: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const failure = git.cacheFailure(error)
    // If writing the mark fails too, the disk is the problem, and the next opening reports it.
    if (failure instanceof CacheDamage && !closing.aborted) await distrust(directory).catch(() => {})
    throw failure
  }
}

/** The cache had the listed commits when it was opened. If git reports one as missing, the cache is damaged. */
function insisting(reader: ObjectReader, listed: ReadonlySet<Oid>): ObjectReader {
  const demand = <T>(oid: Oid, found: T | undefined): T | undefined => {
    if (found !== undefined || !listed.has(oid)) return found
    throw cacheDamage(`The cache lost the commit ${oid}.`)
  }
  return {
    info: async (oid) => demand(oid, await reader.info(oid)),
    read: async (oid) => demand(oid, await reader.read(oid)),
    close: () => reader.close(),
  }
}

/** Throws `object_missing` if an object is not a commit. */
async function demandCommits(reader: ObjectReader, oids: readonly Oid[]): Promise<void> {
  const infos = await Promise.all(oids.map((oid) => reader.info(checkOid(oid))))
  for (const [index, oid] of oids.entries()) if (infos[index]?.type !== 'commit') throw notACommit(oid)
}
