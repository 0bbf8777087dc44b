import type { Blob } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import type { SizedEntry } from '../tree-walk.ts'
import type { GitHubApi } from './api.ts'
import { archiveContents } from './archive.ts'
import type { Store } from './cache.ts'
import type { GitHubLimits } from './limits.ts'
import { oidOf } from './objects.ts'

/** The files of a commit that were read. */
export interface ArchivedTree {
  readonly entries: readonly SizedEntry[]
  /** Whether these are all files of the commit. Then the size of its archive is known. */
  readonly isWhole: boolean
}

/** Fetches the archive of a commit with many missing files. Removes the files that it finds from `wanted`. */
export async function* fromArchive(
  access: GitHubBlobAccess,
  wanted: Map<Oid, number>,
  maxBytes: number,
): AsyncGenerator<Blob> {
  const { api, store, spentArchives, signal, track } = access
  const archive = bestArchive(access, wanted)
  if (archive === undefined) return
  const { commit, inAll } = archive
  spentArchives.add(commit)
  const contents = archiveContents(api, commit, maxBytes, inAll, signal)
  try {
    for (;;) {
      // An incomplete archive is no problem: the files still missing are requested one by one.
      const step = await track(() => contents.next().catch(giveUp(signal)))
      if (step.done) return
      const bytes = step.value
      // Content with another hash was changed by the repository's attributes (line ends, `export-subst`).
      const oid = oidOf('blob', bytes, commit)
      if (!wanted.delete(oid)) continue
      await store.setBytes(`blob ${oid}`, bytes)
      yield { oid, bytes }
      if (wanted.size === 0) return
    }
  } finally {
    await contents.return(undefined)
  }
}

function giveUp(signal: AbortSignal): (error: unknown) => { done: true; value: undefined } {
  return (error) => {
    if (signal.aborted) throw error
    return { done: true, value: undefined }
  }
}

// A smaller share is requested file by file. Otherwise a cache that is too small would fetch the archive
// repeatedly.
const LEAST_SHARE = 0.1

/**
 * The commit with most of the wanted files, if they are many and a large part of the commit. If its total size is
 * unknown, the archive is read only up to ten times the wanted bytes.
 */
function bestArchive(
  { trees, limits, spentArchives }: GitHubBlobAccess,
  wanted: ReadonlyMap<Oid, number>,
): { readonly commit: Oid; readonly inAll: number } | undefined {
  let best: { commit: Oid; covered: number; inAll: number } | undefined
  for (const [commit, { entries, isWhole }] of wanted.size < limits.archiveFrom ? [] : trees) {
    if (spentArchives.has(commit)) continue
    const sizes = new Map(entries.map(({ oid, size = 0 }) => [oid, size]))
    const covered = [...sizes].filter(([oid]) => wanted.has(oid))
    const [bytes, useful] = [sum(sizes.values()), sum(covered.map(([, size]) => size))]
    if (bytes > limits.archiveBytes || useful < bytes * LEAST_SHARE) continue
    const inAll = isWhole ? limits.archiveBytes : Math.min(limits.archiveBytes, useful / LEAST_SHARE)
    if (covered.length > (best?.covered ?? limits.archiveFrom - 1))
      best = { commit, covered: covered.length, inAll }
  }
  return best
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0)
}

export interface GitHubBlobAccess {
  readonly api: GitHubApi
  readonly store: Store
  readonly limits: GitHubLimits
  /** The sizes of blobs that are known from trees. */
  readonly sizes: ReadonlyMap<Oid, number>
  /** The trees that were read last. */
  readonly trees: ReadonlyMap<Oid, ArchivedTree>
  /** Commits whose archive was already requested. */
  readonly spentArchives: Set<Oid>
  readonly signal: AbortSignal
  track<T>(work: () => Promise<T>): Promise<T>
}
