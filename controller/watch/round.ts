import {
  type GitSnapshot,
  type GitSource,
  type RefListing,
  SourceError,
  type SourceErrorCode,
} from '../source/git-source.ts'

/**
 * One repository, read once for several sources, which share a listing of the refs and a snapshot. A source that
 * lists again, because another writer overtook it, gets a new listing, which the sources after it share. Passes of
 * a round run one after another, with one snapshot at a time.
 */
export interface Round {
  /** The repository for one pass of one source. */
  sourceView(): GitSource
  /** Closes the repository. */
  end(): Promise<void>
}

interface SharedView {
  readonly listing: RefListing
  readonly snapshot: GitSnapshot
  /** An operation failed, so the next pass opens a new snapshot, which repairs a damaged cache. */
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

/** Errors about the repository's content, which do not spoil the snapshot. */
const ANSWERS: readonly SourceErrorCode[] = ['object_missing', 'too_large']

/** The snapshot for one pass. Closing it keeps the shared snapshot open for the next source. */
function borrowed(view: SharedView): GitSnapshot {
  const { snapshot } = view
  let closed = false
  const noticing = (error: unknown) => {
    if (!(error instanceof SourceError) || !ANSWERS.includes(error.code)) view.spoilt = true
    throw error
  }
  const demandOpen = () => {
    if (closed) throw new SourceError('failed', 'The snapshot of the repository is closed.')
  }
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    demandOpen()
    return await work().catch(noticing)
  }
  return {
    tree: (commit, scope) => asked(() => snapshot.tree(commit, scope)),
    mergeBase: (a, b) => asked(() => snapshot.mergeBase(a, b)),
    reachable: (commits, tips) => asked(() => snapshot.reachable(commits, tips)),
    commit: (oid) => asked(() => snapshot.commit(oid)),
    tagObjects: (objects) => asked(() => snapshot.tagObjects(objects)),
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
