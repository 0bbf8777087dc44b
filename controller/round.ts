import type { GitSnapshot, GitSource, RefListing } from './source/git-source.ts'

/**
 * One repository, read once for several sources: they share a listing of the refs and a view of its objects. A source
 * that lists again, because another writer overtook it, gets a new listing, which the sources after it share. The
 * passes of a round run one after another: there is one view at a time.
 */
export interface Round {
  /** The repository as one pass of one source sees it. */
  sourceView(): GitSource
  /** Gives the repository free again. */
  end(): Promise<void>
}

export function startRound(git: GitSource): Round {
  let listing: Promise<RefListing> | null = null
  let open: { readonly listing: RefListing; readonly snapshot: GitSnapshot } | null = null

  const close = async () => {
    const closing = open
    open = null
    await closing?.snapshot.close()
  }
  const openShared = async (wanted: RefListing, signal?: AbortSignal) => {
    if (open?.listing === wanted) return open.snapshot
    await close()
    open = { listing: wanted, snapshot: await git.open(wanted, signal) }
    return open.snapshot
  }
  return {
    sourceView() {
      let asked = false
      return {
        listRefs(signal) {
          if (listing === null || asked) listing = git.listRefs(signal)
          asked = true
          return listing
        },
        async open(wanted, signal) {
          const snapshot = await openShared(wanted, signal)
          return {
            tree: (commit) => snapshot.tree(commit),
            blobs: (oids, maxBytes) => snapshot.blobs(oids, maxBytes),
            reachable: (commits, tip) => snapshot.reachable(commits, tip),
            commit: (oid) => snapshot.commit(oid),
            // The round ends it: the next source goes on with it.
            close: async () => {},
          }
        },
      }
    },
    end: close,
  }
}
