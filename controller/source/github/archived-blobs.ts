import type { Blob, Oid } from '../git-source.ts'
import { archiveContents } from './archive.ts'
import type { BlobAccess } from './blobs.ts'
import { oidOf } from './objects.ts'

/** Where much of one commit is missing, its archive is one request; takes what it gives out of `wanted`. */
export async function* fromArchive(
  access: BlobAccess,
  wanted: Map<Oid, number>,
  maxBytes: number,
): AsyncGenerator<Blob> {
  const { api, store, limits, signal, track } = access
  const commit = bestArchive(access, wanted)
  if (commit === undefined) return
  const contents = archiveContents(api, commit, maxBytes, limits.archiveBytes, signal)
  try {
    for (;;) {
      // One that cannot be read to its end is no loss: the files still missing are asked for one by one.
      const step = await track(() => contents.next().catch(giveUp(signal)))
      if (step.done) return
      const bytes = step.value
      // Any other content was changed by the repository's attributes (line ends, `export-subst`).
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

// Less of an archive than this is asked for by itself: a cache too small for all would else fetch it again and again.
const LEAST_SHARE = 0.1

/** The commit that has most of what is wanted, if that is much, and much of what the commit has. */
function bestArchive({ trees, limits }: BlobAccess, wanted: ReadonlyMap<Oid, number>): Oid | undefined {
  let best: { commit: Oid; covered: number } | undefined
  for (const [commit, entries] of wanted.size < limits.archiveFrom ? [] : trees) {
    const sizes = new Map(entries.map(({ oid, size = 0 }) => [oid, size]))
    const covered = [...sizes].filter(([oid]) => wanted.has(oid))
    const [bytes, useful] = [sum(sizes.values()), sum(covered.map(([, size]) => size))]
    if (bytes > limits.archiveBytes || useful < bytes * LEAST_SHARE) continue
    if (covered.length > (best?.covered ?? limits.archiveFrom - 1)) best = { commit, covered: covered.length }
  }
  return best?.commit
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0)
}
