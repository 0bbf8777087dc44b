import { type GitSnapshot, type Oid, type RefListing, SourceError } from '../git-source.ts'
import type { GitHubApi } from './api.ts'
import { streamBlobs } from './blobs.ts'
import type { Store } from './cache.ts'
import type { Commits } from './commits.ts'
import type { History } from './history.ts'
import type { GitHubLimits } from './limits.ts'
import { mergeBase } from './merge-base.ts'
import { checkOid } from './objects.ts'
import { createReadAhead } from './read-ahead.ts'
import { tagSignatures } from './tag-signatures.ts'
import type { SizedEntry, Trees } from './trees.ts'

export interface SnapshotParts {
  readonly api: GitHubApi
  readonly store: Store
  readonly commits: Commits
  readonly trees: Trees
  readonly history: History
  readonly limits: GitHubLimits
}

// How many commits' files are remembered as candidates for an archive.
const REMEMBERED = 4

/** Reads objects by name when they are asked for: there is nothing to hold, and nothing that could move. */
export function createSnapshot(parts: SnapshotParts, listing: RefListing): GitSnapshot {
  const { api, store, commits, trees, history, limits } = parts
  const closing = new AbortController()
  const { signal } = closing
  const atWork = new Set<Promise<unknown>>()
  const readAhead = createReadAhead(listing, commits, trees)
  const sizes = new Map<Oid, number>()
  const tagBudget = { api, store, left: limits.tagObjects }
  const lastTrees = new Map<Oid, readonly SizedEntry[]>()

  const track = async <T>(work: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw closedError()
    const running = work()
    atWork.add(running)
    return running.finally(() => atWork.delete(running))
  }
  const readTree = async (commit: Oid) => {
    await readAhead.before(commit, signal)
    const entries = await trees.read((await commits.read(commit, signal)).tree, signal)
    readAhead.saw(entries.length)
    for (const { oid, size } of entries) if (size !== undefined) sizes.set(oid, size)
    lastTrees.set(commit, entries)
    for (const oldest of lastTrees.keys())
      if (lastTrees.size > REMEMBERED && oldest !== listing.commit) lastTrees.delete(oldest)
    return entries.map(({ path, mode, oid }) => ({ path, mode, oid }))
  }

  return {
    tree: (commit) => track(() => readTree(checkOid(commit))),
    blobs: (oids, maxBytes) =>
      streamBlobs({ api, store, limits, sizes, trees: lastTrees, signal, track }, oids, maxBytes),
    reachable: (wanted, tip) => track(() => history.reachable(wanted, checkOid(tip), signal)),
    mergeBase: (a, b) => track(() => mergeBase({ api, store, commits }, [checkOid(a), checkOid(b)], signal)),
    commit: (oid) =>
      track(async () => {
        const { author, committedAt } = await commits.read(checkOid(oid), signal)
        return { author, committedAt }
      }),
    tagSignatures: (objects) => track(() => tagSignatures(tagBudget, objects, signal)),
    async close() {
      closing.abort(closedError())
      await Promise.allSettled(atWork)
    },
  }
}

function closedError(): SourceError {
  return new SourceError('failed', 'The view of the repository is closed.')
}
