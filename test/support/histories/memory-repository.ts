import { createHash } from 'node:crypto'
import {
  type GitSnapshot,
  type GitSource,
  type RefListing,
  SourceError,
  type TagRef,
  type TreeEntry,
  type TreeScope,
} from '../../../controller/source/git-source.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import type { HistoryRepository } from './history.ts'

interface StoredCommit {
  readonly parent: Oid | null
  readonly tree: readonly TreeEntry[]
}

interface Stored {
  readonly commits: Map<Oid, StoredCommit>
  readonly blobs: Map<Oid, Uint8Array>
  readonly tags: Map<string, Omit<TagRef, 'name'>>
  branch: Oid
}

/**
 * A repository in memory. With `forgetful`, readers have only the commits in the listing, as after a new clone;
 * else they keep everything they saw, like a cache on disk.
 */
export function createMemoryRepository({ forgetful }: { readonly forgetful: boolean }): HistoryRepository {
  const stored: Stored = { commits: new Map(), blobs: new Map(), tags: new Map(), branch: '' }
  return {
    async commit(parent, files) {
      const tree = [...files].map(([path, bytes]): TreeEntry => {
        const oid = nameOf('blob', bytes)
        stored.blobs.set(oid, bytes)
        return { path, mode: '100644', oid }
      })
      tree.sort((a, b) => (a.path < b.path ? -1 : 1))
      const oid = nameOf('commit', `${stored.commits.size} ${parent} ${JSON.stringify(tree)}`)
      stored.commits.set(oid, { parent, tree })
      return oid
    },
    async moveBranch(commit) {
      stored.branch = commit
    },
    async setTag(name, commit, { annotated }) {
      const object = nameOf('tag', `${name} ${commit}`)
      stored.tags.set(name, annotated ? { commit, object } : { commit })
    },
    async deleteTag(name) {
      stored.tags.delete(name)
    },
    newSource: () => createMemorySource(stored, forgetful),
  }
}

function createMemorySource(stored: Stored, forgetful: boolean): GitSource {
  const kept = new Set<Oid>()
  return {
    async listRefs() {
      const tags = [...stored.tags].map(([name, tag]) => ({ name, ...tag }))
      tags.sort((a, b) => (a.name < b.name ? -1 : 1))
      return { branch: 'main', commit: stored.branch, branches: [], tags }
    },
    async open(listing) {
      if (forgetful) kept.clear()
      for (const oid of listedWithHistory(stored, listing)) kept.add(oid)
      return snapshotOf(stored, new Set(kept))
    },
  }
}

function listedWithHistory({ commits }: Stored, listing: RefListing): Set<Oid> {
  const found = new Set<Oid>()
  for (const tip of [listing.commit, ...listing.tags.map(({ commit }) => commit)])
    for (let oid: Oid | null = tip; oid !== null && !found.has(oid); oid = commits.get(oid)?.parent ?? null)
      found.add(oid)
  return found
}

function snapshotOf({ commits, blobs }: Stored, visible: ReadonlySet<Oid>): GitSnapshot {
  const commitOf = (oid: Oid) => {
    const commit = visible.has(oid) ? commits.get(oid) : undefined
    if (commit === undefined) throw missing(oid)
    return commit
  }
  const historyOf = (tip: Oid) => {
    commitOf(tip)
    return listedWithHistory({ commits } as Stored, { branch: 'main', commit: tip, branches: [], tags: [] })
  }
  const files = new Set([...visible].flatMap((oid) => commitOf(oid).tree.map((entry) => entry.oid)))
  return {
    tree: async (oid, scope) => within(commitOf(oid).tree, scope),
    async *blobs(oids, maxBytes) {
      for (const oid of new Set(oids)) {
        const bytes = files.has(oid) ? blobs.get(oid) : undefined
        if (bytes === undefined) throw missing(oid)
        yield bytes.length > maxBytes ? { oid, tooLarge: bytes.length } : { oid, bytes }
      }
    },
    async reachable(wanted, tips) {
      const histories = tips.map(historyOf)
      return new Set(wanted.filter((oid) => histories.some((history) => history.has(oid))))
    },
    async mergeBase(a, b) {
      const behindB = historyOf(b)
      return [...historyOf(a)].find((oid) => behindB.has(oid)) ?? null
    },
    async commit(oid) {
      commitOf(oid)
      return { author: 'Ada <ada@example.com>', committedAt: '2026-01-01T00:00:00.000Z' }
    },
    tagObjects: async (objects) => new Map([...objects].map((object) => [object, UNSIGNED])),
    close: async () => {},
  }
}

function within(
  tree: readonly TreeEntry[],
  { directories, files, maxFiles }: TreeScope,
): readonly TreeEntry[] {
  const isBelow = (path: string) => directories.some((one) => one === '' || path.startsWith(`${one}/`))
  const found = tree.filter(({ path }) => files.includes(path) || isBelow(path))
  if (found.length > maxFiles) throw new SourceError('too_large', 'There are too many files.')
  return found
}

const UNSIGNED = { tagger: null, taggedAt: null, signature: null }

function nameOf(kind: 'blob' | 'commit' | 'tag', content: string | Uint8Array): Oid {
  return createHash('sha1').update(`${kind}\0`).update(content).digest('hex')
}

function missing(oid: Oid): SourceError {
  return new SourceError('object_missing', `The repository has no object ${oid}.`)
}
