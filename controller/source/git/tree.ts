import type { SourceError, TreeEntry, TreeScope } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import type { Wanted } from '../tree-scope.ts'
import { mostOf, type TreeItem, walkTree } from '../tree-walk.ts'
import type { GitCommand } from './command.ts'
import { treeOfCommit } from './commit.ts'
import { cacheDamage } from './errors.ts'
import { listLargeTree } from './large-tree.ts'
import type { ObjectReader } from './object-reader.ts'
import { parseTree } from './parse-tree.ts'
import { readSmall } from './small-object.ts'

export interface TreeAccess {
  readonly git: GitCommand
  readonly directory: string
  readonly reader: ObjectReader
  readonly signal: AbortSignal
}

/** The number of directory entries to cache: about 40 MB. */
const REMEMBERED = 200_000
/** The size of a directory with 100,000 files. Git lists larger ones, without caching. */
const MOST_TREE_BYTES = 4 * 1024 * 1024
// Enough to keep git busy, but few are wasted.
const AHEAD = 16

/**
 * Reads trees within a scope. Caches parsed directories by object name, so the next commit costs only the
 * directories that it changed.
 */
export function createTreeReader(
  access: TreeAccess,
  remembered = REMEMBERED,
): (commit: Oid, scope: TreeScope) => Promise<TreeEntry[]> {
  const { git, directory, reader, signal } = access
  const small = rememberingLoader(reader, remembered)

  return async (commit, scope) => {
    const load = async (tree: Oid, wanted: Wanted): Promise<readonly TreeItem[]> => {
      const items = await small(tree)
      return items ?? (await listLargeTree(git, directory, tree, wanted, mostOf(scope), signal))
    }
    const root = treeOfCommit(commit, await readSmall(reader, commit))
    return await walkTree(root, scope, load, { ahead: AHEAD })
  }
}

/** `null` for a directory that is too large to cache. */
type Loading = Promise<readonly TreeItem[] | null>

function rememberingLoader(reader: ObjectReader, most: number): (tree: Oid) => Loading {
  // In order of use: the first key is the least recently used.
  const remembered = new Map<Oid, { items: Loading; weight: number }>()
  let total = 0
  const forget = (tree: Oid) => {
    total -= remembered.get(tree)?.weight ?? 0
    remembered.delete(tree)
  }
  return (tree) => {
    const known = remembered.get(tree)
    if (known) {
      remembered.delete(tree)
      remembered.set(tree, known)
      return known.items
    }
    const entry = { items: readTree(reader, tree), weight: 0 }
    remembered.set(tree, entry)
    entry.items.then(
      (items) => {
        if (remembered.get(tree) !== entry) return
        entry.weight = 1 + (items?.length ?? 0)
        total += entry.weight
        for (const oldest of remembered.keys()) {
          if (total <= most) break
          forget(oldest)
        }
      },
      () => forget(tree),
    )
    return entry.items
  }
}

async function readTree(reader: ObjectReader, tree: Oid): Loading {
  const info = await reader.info(tree)
  if (info?.type !== 'tree') throw missingTree(tree)
  if (info.size > MOST_TREE_BYTES) return null
  const object = await reader.read(tree)
  if (object === undefined) throw missingTree(tree)
  const items = parseTree(object.bytes, tree.length / 2)
  if (items === undefined) throw malformedTree(tree)
  return items
}

/** Git does not check fetched trees. */
function malformedTree(tree: Oid): SourceError {
  return sourceError('repository_incomplete', `The directory ${tree} is damaged in the repository itself.`, {
    object: tree,
  })
}

function missingTree(tree: Oid): SourceError {
  return cacheDamage(`The cache lacks the directory ${tree}.`)
}
