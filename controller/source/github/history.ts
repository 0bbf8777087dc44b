import { z } from 'zod'
import type { Oid } from '../oid.ts'
import { type SourceError, sourceError } from '../source-error.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { missingCommit, notUnderstood } from './errors.ts'
import { oidSchema, queryObjects } from './objects.ts'

/** The walked part of the commit graph. It never changes, so it is cached. */
export interface History {
  /** See `GitSnapshot.reachable`. Throws `too_large` if the history has more commits than the limit. */
  reachable(commits: readonly Oid[], tips: readonly Oid[], signal?: AbortSignal): Promise<ReadonlySet<Oid>>
}

// Long side branches have several open ends at once. One request reads the next hundred commits of each.
const OPEN_ENDS = 10
const PAGE = 100
const MOST_PARENTS = 100
const FIELDS = `... on Commit { history(first: ${PAGE}) { nodes { oid parents(first: ${MOST_PARENTS}) { totalCount nodes { oid } } } } }`

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

type Parents = Map<Oid, readonly Oid[]>

export function createHistory(api: GitHubApi, store: Store, mostCommits: number): History {
  /** The parents of each walked commit. */
  const parents: Parents = new Map()
  let restored: Promise<void> | undefined

  return {
    async reachable(commits, tips, signal) {
      restored ??= restore(store, parents)
      await restored
      // Force pushes leave unreachable commits behind.
      if (parents.size > 2 * mostCommits) parents.clear()
      const before = parents.size
      const sought = [...new Set(commits)]
      const starts = new Set(tips)
      const seen = new Set<Oid>(starts)
      try {
        for (let open: readonly Oid[] = [...starts]; ; ) {
          open = spread(open, seen, parents)
          if (seen.size > mostCommits) throw tooLong(mostCommits)
          const found = sought.filter((commit) => seen.has(commit))
          // All commits may be found, but a tip that was not walked yet may be missing.
          const walked = open.every((end) => !starts.has(end))
          if (walked && (open.length === 0 || found.length === sought.length)) return new Set(found)
          const next = walked ? open : open.filter((end) => starts.has(end))
          await walkFrom(api, parents, next.slice(0, OPEN_ENDS), starts, signal)
        }
      } finally {
        if (parents.size > before) await keep(store, parents)
      }
    },
  }
}

async function walkFrom(
  api: GitHubApi,
  parents: Parents,
  ends: readonly Oid[],
  tips: ReadonlySet<Oid>,
  signal?: AbortSignal,
): Promise<void> {
  const pages = await queryObjects(api, 'WalkHistory', ends, FIELDS, pageSchema, signal)
  for (const [index, end] of ends.entries()) {
    for (const { oid, parents: above } of pages[index]?.history?.nodes ?? []) {
      if (above.totalCount > MOST_PARENTS) throw tooManyParents(oid)
      if (above.nodes.length < above.totalCount) throw notUnderstood('a commit with more parents than listed')
      parents.set(
        oid,
        above.nodes.map((parent) => parent.oid),
      )
    }
    if (parents.has(end)) continue
    throw tips.has(end) ? missingCommit(end) : notUnderstood(`the history ends at ${end}, which has children`)
  }
}

/** One line per commit: its name and its parents. */
function keep(store: Store, parents: ReadonlyMap<Oid, readonly Oid[]>): Promise<void> {
  const lines = [...parents].map(([commit, above]) => [commit, ...above].join(' '))
  return store.setBytes('history', Buffer.from(lines.join('\n')))
}

async function restore(store: Store, parents: Parents): Promise<void> {
  const bytes = await store.bytes('history')
  for (const line of Buffer.from(bytes ?? [])
    .toString()
    .split('\n')) {
    const oids = line.split(' ')
    const [commit = '', ...above] = oids
    if (oids.every((oid) => oidSchema.safeParse(oid).success)) parents.set(commit, above)
  }
}

/** Adds the known ancestors of the open ends to `seen`. Returns the new open ends. */
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

function tooLong(commits: number): SourceError {
  const happened = `The history has more than ${commits.toLocaleString('en')} commits, which is too many to walk with GitHub's API.`
  return sourceError('too_large', happened, {
    next: 'Read this source with git (type: git), or set requireReachable: false.',
  })
}

function tooManyParents(commit: Oid): SourceError {
  const happened = `The commit ${commit} has more than ${MOST_PARENTS} parents.`
  return sourceError('too_large', happened, {
    next: 'Read this source with git (type: git), or set requireReachable: false.',
    object: commit,
  })
}
