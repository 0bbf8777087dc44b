import { type GitSnapshot, type Oid, type RefListing, SourceError } from '../git-source.ts'
import { streamBlobs } from './blobs.ts'
import { distrust } from './cache.ts'
import type { GitCommand } from './command.ts'
import { commitInfo, treeOfCommit } from './commit.ts'
import { CacheDamage } from './errors.ts'
import { checkOid } from './inspect.ts'
import type { Lock } from './lock.ts'
import { mergeBase } from './merge-base.ts'
import { createObjectReader, type ObjectReader } from './object-reader.ts'
import { reachableFrom } from './reachable.ts'
import { tagSignatures } from './tag-signatures.ts'
import { createTreeReader } from './tree.ts'

/** A view of one generation of the cache. It owns the lock from here on. */
export function createSnapshot(
  git: GitCommand,
  directory: string,
  listing: RefListing,
  lock: Lock,
): GitSnapshot {
  const others = [...listing.tags, ...(listing.also ?? [])]
  const listed = new Set([listing.commit, ...others.map(({ commit }) => commit)])
  const reader = insisting(createObjectReader(git, directory), listed)
  const readTree = createTreeReader(reader)
  const closing = new AbortController()
  const atWork = new Set<Promise<unknown>>()
  const sizes = new Map<Oid, number>()

  /** Closing waits for what is under way, so that nothing writes into the cache after the lock is gone. */
  const track = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw closedError()
    const running = healing(directory, closing.signal, work)
    atWork.add(running)
    return running.finally(() => atWork.delete(running))
  }

  return {
    tree: (commit) => track(() => readTree(checkOid(commit))),
    blobs: (oids, maxBytes) =>
      streamBlobs({ git, directory, listing, reader, track, signal: closing.signal, sizes }, oids, maxBytes),
    reachable: (commits, tip) =>
      track(async () => {
        treeOfCommit(tip, await reader.read(checkOid(tip)))
        return reachableFrom(git, directory, commits, tip, closing.signal)
      }),
    mergeBase: (a, b) =>
      track(async () => {
        for (const oid of [a, b]) treeOfCommit(oid, await reader.read(checkOid(oid)))
        return await mergeBase(git, directory, [a, b], closing.signal)
      }),
    commit: (oid) => track(async () => commitInfo(oid, await reader.read(checkOid(oid)))),
    tagSignatures: (objects) =>
      track(() => tagSignatures({ git, directory, listing, reader, signal: closing.signal }, objects)),
    async close() {
      closing.abort(closedError())
      await reader.close()
      await Promise.allSettled(atWork)
      lock.release()
    },
  }
}

/** A damaged cache is marked, so that the next opening makes a new one. */
async function healing<T>(directory: string, closing: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CacheDamage && !closing.aborted) await distrust(directory)
    throw error
  }
}

/** The listed commits were there at the opening: without them, the cache is damaged. Git only calls them missing. */
function insisting(reader: ObjectReader, listed: ReadonlySet<Oid>): ObjectReader {
  return {
    ...reader,
    async read(oid) {
      const object = await reader.read(oid)
      if (object || !listed.has(oid)) return object
      throw new CacheDamage(`The git cache lost the commit ${oid}; it is made anew at the next pass.`)
    },
  }
}

function closedError(): SourceError {
  return new SourceError('failed', 'The view of the repository is closed.')
}
