import { type GitSnapshot, type GitSource, type RefListing, SourceError } from '../source/git-source.ts'

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

interface SharedView {
  readonly listing: RefListing
  readonly snapshot: GitSnapshot
  /** Something went wrong in it: another pass had better open a new one, which mends a damaged cache. */
  spoilt: boolean
}

export function startRound(git: GitSource): Round {
  let listing: Promise<RefListing> | null = null
  let shared: SharedView | null = null

  const close = async () => {
    const closing = shared
    shared = null
    await closing?.snapshot.close()
  }
  const openShared = async (wanted: RefListing, signal?: AbortSignal) => {
    if (shared !== null && shared.listing === wanted && !shared.spoilt) return shared
    await close()
    shared = { listing: wanted, snapshot: await git.open(wanted, signal), spoilt: false }
    return shared
  }
  const { pullRequest } = git
  return {
    sourceView() {
      let asked = false
      return {
        listRefs(signal) {
          if (listing === null || asked) listing = git.listRefs(signal)
          asked = true
          return listing
        },
        open: async (wanted, signal) => borrowed(await openShared(wanted, signal)),
        ...(pullRequest !== undefined && { pullRequest }),
        quotas: () => git.quotas?.() ?? [],
      }
    },
    end: close,
  }
}

/** The view for one pass. Closing it leaves it open for the next source; the round ends it. */
function borrowed(view: SharedView): GitSnapshot {
  const { snapshot } = view
  let closed = false
  const noticing = (error: unknown) => {
    // That an object is missing is an answer.
    if (!(error instanceof SourceError) || error.code !== 'object_missing') view.spoilt = true
    throw error
  }
  const demandOpen = () => {
    if (closed) throw new SourceError('failed', 'The view of the repository is closed.')
  }
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    demandOpen()
    return await work().catch(noticing)
  }
  return {
    tree: (commit) => asked(() => snapshot.tree(commit)),
    mergeBase: (a, b) => asked(() => snapshot.mergeBase(a, b)),
    reachable: (commits, tip) => asked(() => snapshot.reachable(commits, tip)),
    commit: (oid) => asked(() => snapshot.commit(oid)),
    tagSignatures: (objects) => asked(() => snapshot.tagSignatures(objects)),
    async *blobs(oids, maxBytes) {
      demandOpen()
      try {
        yield* snapshot.blobs(oids, maxBytes)
      } catch (error) {
        noticing(error)
      }
    },
    close: async () => {
      closed = true
    },
  }
}
