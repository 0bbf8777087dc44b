import { z } from 'zod'
import type { Oid } from '../git-source.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { missingCommit, notUnderstood } from './errors.ts'
import { oidSchema, queryObjects } from './objects.ts'

/** Which commits are ancestors of which, as far as that was walked; it never changes, so it is kept. */
export interface History {
  /** See `GitSnapshot.reachable`. */
  reachable(commits: readonly Oid[], tip: Oid, signal?: AbortSignal): Promise<ReadonlySet<Oid>>
}

// Where side branches are long, several ends are open at once; each gives its next hundred commits.
const OPEN_ENDS = 10
const PAGE = 100
const FIELDS = `... on Commit { history(first: ${PAGE}) { nodes { oid parents(first: 100) { totalCount nodes { oid } } } } }`

const pageSchema = z.object({
  history: z
    .object({
      nodes: z.array(
        z.object({
          oid: oidSchema,
          parents: z.object({ totalCount: z.int(), nodes: z.array(z.object({ oid: oidSchema })) }),
        }),
      ),
    })
    .optional(),
})

export function createHistory(api: GitHubApi, store: Store): History {
  /** The parents of each commit that was walked over. */
  const parents = new Map<Oid, readonly Oid[]>()
  let restored: Promise<void> | undefined

  return {
    async reachable(commits, tip, signal) {
      restored ??= restore(store, parents)
      await restored
      const before = parents.size
      const sought = [...new Set(commits)]
      const seen = new Set<Oid>([tip])
      try {
        for (let open: readonly Oid[] = [tip]; ; ) {
          open = spread(open, seen, parents)
          const found = sought.filter((commit) => seen.has(commit))
          const walked = parents.has(tip)
          if (walked && (open.length === 0 || found.length === sought.length)) return new Set(found)
          await walkFrom(api, parents, open.slice(0, OPEN_ENDS), tip, signal)
        }
      } finally {
        if (parents.size > before) await keep(store, parents)
      }
    },
  }
}

async function walkFrom(
  api: GitHubApi,
  parents: Map<Oid, readonly Oid[]>,
  ends: readonly Oid[],
  tip: Oid,
  signal?: AbortSignal,
): Promise<void> {
  const pages = await queryObjects(api, 'WalkHistory', ends, FIELDS, pageSchema, signal)
  for (const [index, end] of ends.entries()) {
    for (const { oid, parents: above } of pages[index]?.history?.nodes ?? []) {
      if (above.nodes.length < above.totalCount) throw notUnderstood('a commit with more parents than listed')
      parents.set(
        oid,
        above.nodes.map((parent) => parent.oid),
      )
    }
    if (parents.has(end)) continue
    throw end === tip ? missingCommit(tip) : notUnderstood(`the history ends at ${end}, which has children`)
  }
}

/** A line a commit: itself and its parents. */
function keep(store: Store, parents: ReadonlyMap<Oid, readonly Oid[]>): Promise<void> {
  const lines = [...parents].map(([commit, above]) => [commit, ...above].join(' '))
  return store.setBytes('history', Buffer.from(lines.join('\n')))
}

async function restore(store: Store, parents: Map<Oid, readonly Oid[]>): Promise<void> {
  const bytes = await store.bytes('history')
  for (const line of Buffer.from(bytes ?? [])
    .toString()
    .split('\n')) {
    const oids = line.split(' ')
    const [commit = '', ...above] = oids
    if (oids.every((oid) => oidSchema.safeParse(oid).success)) parents.set(commit, above)
  }
}

/** Adds everything known to be behind the open ends to `seen`; gives the ends that are open now. */
function spread(open: readonly Oid[], seen: Set<Oid>, parents: ReadonlyMap<Oid, readonly Oid[]>): Oid[] {
  const ends: Oid[] = []
  const next = [...open]
  for (let commit = next.pop(); commit !== undefined; commit = next.pop()) {
    const above = parents.get(commit)
    if (above === undefined) ends.push(commit)
    else for (const parent of above) if (!seen.has(parent)) seen.add(parent) && next.push(parent)
  }
  return ends
}
