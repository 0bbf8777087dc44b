import { type GitSnapshot, type RefListing, type TreeScope, viewClosed } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import type { GitHubApi } from './api.ts'
import type { ArchivedTree } from './archived-blobs.ts'
import { streamBlobs } from './blobs.ts'
import type { Store } from './cache.ts'
import { checkRuns } from './check-runs.ts'
import type { Commits } from './commits.ts'
import type { History } from './history.ts'
import type { GitHubLimits } from './limits.ts'
import { mergeBase } from './merge-base.ts'
import { checkOid } from './objects.ts'
import { createReadAhead } from './read-ahead.ts'
import { tagObjects } from './tag-objects.ts'
import type { Trees } from './trees.ts'

export interface SnapshotParts {
  readonly api: GitHubApi
  readonly store: Store
  readonly commits: Commits
  readonly trees: Trees
  readonly history: History
  readonly limits: GitHubLimits
}

// The number of commits whose files are kept as candidates for an archive.
const REMEMBERED = 4

/** Requests objects by name when they are needed. Nothing is locked, because objects never change. */
export function createSnapshot(parts: SnapshotParts, listing: RefListing): GitSnapshot {
  const { api, store, commits, trees, history, limits } = parts
  const closing = new AbortController()
  const { signal } = closing
  const atWork = new Set<Promise<unknown>>()
  const readAhead = createReadAhead(listing, commits, trees)
  const sizes = new Map<Oid, number>()
  const tagBudget = { api, store, left: limits.tagObjects }
  const lastTrees = new Map<Oid, ArchivedTree>()
  const spentArchives = new Set<Oid>()

  const track = async <T>(work: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw viewClosed()
    const running = work()
    atWork.add(running)
    return running.finally(() => atWork.delete(running))
  }
  const readTree = async (commit: Oid, scope: TreeScope) => {
    await readAhead.before(commit, scope, signal)
    const entries = await trees.read((await commits.read(commit, signal)).tree, scope, signal)
    readAhead.saw(entries.length)
    for (const { oid, size } of entries) if (size !== undefined) sizes.set(oid, size)
    lastTrees.set(commit, { entries, isWhole: scope.directories.includes('') })
    for (const oldest of lastTrees.keys())
      if (lastTrees.size > REMEMBERED && oldest !== listing.commit) lastTrees.delete(oldest)
    return entries.map(({ path, mode, oid }) => ({ path, mode, oid }))
  }

  return {
    tree: (commit, scope) => track(() => readTree(checkOid(commit), scope)),
    blobs: (oids, maxBytes) =>
      streamBlobs(
        { api, store, limits, sizes, trees: lastTrees, spentArchives, signal, track },
        oids,
        maxBytes,
      ),
    reachable: (wanted, tips) => track(() => history.reachable(wanted, tips.map(checkOid), signal)),
    mergeBase: (a, b) => track(() => mergeBase({ api, store, commits }, [checkOid(a), checkOid(b)], signal)),
    commit: (oid) =>
      track(async () => {
        const { author, committedAt } = await commits.read(checkOid(oid), signal)
        return { author, committedAt }
      }),
    tagObjects: (objects) => track(() => tagObjects(tagBudget, objects, signal)),
    checkRuns: (commit, name) => track(() => checkRuns(api, checkOid(commit), name, signal)),
    async close() {
      closing.abort(viewClosed())
      await Promise.allSettled(atWork)
    },
  }
}
