import { z } from 'zod'
import type { TreeScope } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { type Wanted, wantedOf } from '../tree-scope.ts'
import { demandFewDirectories, type SizedEntry, tooManyFiles, walkTree } from '../tree-walk.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import {
  type Directory,
  directoriesOf,
  directorySchema,
  directoryTooLarge,
  isDirectory,
  provenDirectory,
  treeItem,
} from './directory.ts'
import { GitHubFailure, missingCommit, notUnderstood } from './errors.ts'
import { batches, oidSchema, queryObjects } from './objects.ts'

/** Reads and caches directories by object name, so the next commit costs only the directories that it changed. */
export interface Trees {
  /** The files of a scope below a root directory, sorted by path (bytes). Throws `too_large`. */
  read(root: Oid, scope: TreeScope, signal?: AbortSignal): Promise<readonly SizedEntry[]>
  /** Fetches many trees with few requests. Skips trees that the host does not have. */
  fetchMany(roots: readonly Oid[], scope: TreeScope, signal?: AbortSignal): Promise<void>
}

const answerSchema = z.object({
  truncated: z.boolean(),
  tree: z.array(
    z.object({
      path: z.string(),
      mode: z.string().regex(/^[0-7]+$/),
      sha: oidSchema,
      size: z.int().optional(),
    }),
  ),
})

const BATCH = 64
// Fetching more ahead would cost more than it saves.
const MOST_BROUGHT = 10_000
const FIELDS = '... on Tree { entries { name mode oid size } }'
const queriedSchema = z.object({
  entries: z.array(z.object({ name: z.string(), mode: z.int(), oid: oidSchema, size: z.int() })).nullish(),
})

export function createTrees(api: GitHubApi, store: Store): Trees {
  const stored = (oid: Oid) => store.json(`tree ${oid}`, directorySchema)
  const keep = async (directories: Iterable<readonly [Oid, Directory]>) => {
    for (const [oid, directory] of directories) await store.setJson(`tree ${oid}`, directory)
  }

  return {
    async read(root, scope, signal) {
      // Needed beside the store, which may be too small for this tree.
      const fetched = new Map<Oid, Directory>()
      const load = async (oid: Oid, wanted: Wanted) => {
        const known = fetched.get(oid) ?? (await stored(oid))
        if (known) return known.map(treeItem)
        const answer = await fetchDirectories(api, oid, wanted === 'all' ? scope : undefined, signal)
        for (const [name, directory] of answer) fetched.set(name, directory)
        await keep(answer)
        return (answer.get(oid) ?? []).map(treeItem)
      }
      return await walkTree(root, scope, load, { ahead: 0 })
    },
    async fetchMany(roots, scope, signal) {
      const asked = new Map<Oid, Wanted>()
      const wanted = wantedOf(scope)
      for (let open = roots.map((oid) => ({ oid, wanted })); open.length > 0; ) {
        const unknown = new Map<Oid, Wanted>()
        for (const one of open)
          if (!asked.has(one.oid) && !(await stored(one.oid))) unknown.set(one.oid, one.wanted)
        open = []
        for (const batch of batches([...unknown.keys()], BATCH)) {
          const directories = await queryDirectories(api, batch, signal)
          await keep(directories)
          for (const [oid, directory] of directories) {
            const below = unknown.get(oid) ?? 'all'
            asked.set(oid, below)
            open.push(...wantedDirectories(directory, below))
          }
          if (asked.size > MOST_BROUGHT) return
        }
      }
    },
  }
}

function wantedDirectories(directory: Directory, wanted: Wanted): { oid: Oid; wanted: Wanted }[] {
  return directory.filter(isDirectory).flatMap(({ name, oid }) => {
    const below = wanted === 'all' ? 'all' : wanted.get(name)?.below
    return below === undefined ? [] : [{ oid, wanted: below }]
  })
}

/**
 * Fetches a directory, with all directories below it in the same request if the whole directory is in the scope.
 * If there are too many, fetches only the directory.
 */
async function fetchDirectories(
  api: GitHubApi,
  oid: Oid,
  whole: TreeScope | undefined,
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, Directory>> {
  if (whole !== undefined) {
    const all = await getTree(api, oid, { tree_sha: oid, recursive: '1' }, signal)
    if (!all.truncated) return directoriesOf(oid, all.entries)
    const directories = all.entries.filter(({ item }) => isDirectory(item)).length
    demandFewDirectories(directories, whole)
    if (all.entries.length - directories > whole.maxFiles) throw tooManyFiles(whole)
  }
  const one = await getTree(api, oid, { tree_sha: oid }, signal)
  if (one.truncated) throw directoryTooLarge(oid)
  const items = one.entries.map(({ path, item }) => ({ ...item, name: path }))
  return new Map([[oid, provenDirectory(oid, items)]])
}

async function getTree(
  api: GitHubApi,
  oid: Oid,
  parameters: Readonly<Record<string, string>>,
  signal?: AbortSignal,
) {
  try {
    const answer = await api.get('git/trees/{tree_sha}', answerSchema, { parameters, signal })
    if (answer === 'unchanged') throw notUnderstood('a tree without content')
    const { truncated, tree } = answer.data
    const entries = tree.map(({ path, mode, sha, size }) => ({
      path,
      item: { mode: Number.parseInt(mode, 8), oid: sha, size },
    }))
    return { truncated, entries }
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) throw missingCommit(oid)
    throw error
  }
}

async function queryDirectories(
  api: GitHubApi,
  oids: readonly Oid[],
  signal?: AbortSignal,
): Promise<Map<Oid, Directory>> {
  const answers = await queryObjects(api, 'ReadTrees', oids, FIELDS, queriedSchema, signal)
  const found = new Map<Oid, Directory>()
  for (const [index, oid] of oids.entries()) {
    const entries = answers[index]?.entries
    if (!entries) continue
    // GraphQL returns 0 for an entry without a size.
    const items = entries.map((item) => (isDirectory(item) ? { ...item, size: undefined } : item))
    found.set(oid, provenDirectory(oid, items))
  }
  return found
}
