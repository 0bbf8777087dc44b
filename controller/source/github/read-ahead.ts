import { type Oid, type RefListing, SourceError } from '../git-source.ts'
import type { Commits } from './commits.ts'
import type { Trees } from './trees.ts'

const MOST = 64
// Above it, sixty-four of them in a few answers would be too much for the host.
const MOST_FILES = 5_000

/**
 * A first import reads the tree of every release tag, one after the other. Who has asked for several gets the next
 * ones brought along, twice as many each time, so that thousands of tags do not cost thousands of requests.
 */
export interface ReadAhead {
  /** Call it before a commit's tree is read. */
  before(commit: Oid, signal?: AbortSignal): Promise<void>
  /** Tells how many files a tree had. */
  saw(files: number): void
}

export function createReadAhead(listing: RefListing, commits: Commits, trees: Trees): ReadAhead {
  // Newest releases first, as far as names tell: the order in which they are probably asked for.
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
    async before(commit, signal) {
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
          signal,
        )
      } catch (error) {
        // Perhaps it was too much in one answer. What is needed is asked for by itself, and fails by itself.
        if (!(error instanceof SourceError && error.code === 'unreachable')) throw error
        large = true
      }
    },
  }
}
