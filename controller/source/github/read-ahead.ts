import { type RefListing, SourceError, type TreeScope } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import type { Commits } from './commits.ts'
import type { Trees } from './trees.ts'

const MOST = 64
// 64 larger trees in a few responses would be too much for the host.
const MOST_FILES = 5_000
const TOO_MUCH: readonly string[] = ['unreachable', 'too_large']

/**
 * A first import reads the tree of every release tag, one after the other. After several reads, the next trees are
 * fetched ahead, twice as many each time, so that thousands of tags do not cost thousands of requests.
 */
export interface ReadAhead {
  /** Call this before reading a commit's tree. */
  before(commit: Oid, scope: TreeScope, signal?: AbortSignal): Promise<void>
  /** Records the number of files of a tree. */
  saw(files: number): void
}

export function createReadAhead(listing: RefListing, commits: Commits, trees: Trees): ReadAhead {
  // Newest releases first, by name: the likely order of reads.
  const byName = new Intl.Collator('en', { numeric: true })
  const tags = [...listing.tags].sort((a, b) => byName.compare(b.name, a.name))
  const order = [...new Set(tags.map((tag) => tag.commit))]
  const places = new Map(order.map((commit, place) => [commit, place]))
  const brought = new Set<Oid>()
  let misses = 0
  let large = false

  return {
    saw(files) {
      large ||= files > MOST_FILES
    },
    async before(commit, scope, signal) {
      const place = places.get(commit)
      if (place === undefined || large || brought.has(commit)) return
      const window = Math.min(2 ** misses++, MOST)
      const next = order.slice(place).filter((one) => !brought.has(one))
      const wanted = next.slice(0, window)
      for (const one of wanted) brought.add(one)
      if (wanted.length < 2) return
      try {
        const facts = [...(await commits.readMany(wanted, signal)).values()]
        await trees.fetchMany(
          facts.map(({ tree }) => tree),
          scope,
          signal,
        )
      } catch (error) {
        // The response may have been too large. Each needed tree is then requested, and fails, separately.
        if (!(error instanceof SourceError && TOO_MUCH.includes(error.code))) throw error
        large = true
      }
    },
  }
}
