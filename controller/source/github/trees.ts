import { z } from 'zod'
import type { Oid, TreeEntry } from '../git-source.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import {
  type Directory,
  directoriesOf,
  directorySchema,
  fileMode,
  isDirectory,
  provenDirectory,
  tooManyFiles,
} from './directory.ts'
import { GitHubFailure, missingCommit, notUnderstood } from './errors.ts'
import { batches, oidSchema, queryObjects } from './objects.ts'

/** A file, and its size where the host told. */
export interface SizedEntry extends TreeEntry {
  readonly size?: number | undefined
}

/** Directories, kept by object name: the next commit costs only what it changed. */
export interface Trees {
  /** Every file below a root directory, sorted by path (bytes). */
  read(root: Oid, signal?: AbortSignal): Promise<readonly SizedEntry[]>
  /** Makes many readable with few requests. Those that the host does not have are left out. */
  fetchMany(roots: readonly Oid[], signal?: AbortSignal): Promise<void>
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
// A few small objects can describe a tree of billions.
const MOST_ENTRIES = 1_000_000
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
    async read(root, signal) {
      // Beside the store, which may be too small for the tree that is being read.
      const fetched = new Map<Oid, Directory>()
      const load = async (oid: Oid): Promise<Directory> => {
        const known = fetched.get(oid) ?? (await stored(oid))
        if (known) return known
        const answer = await fetchDirectories(api, oid, signal)
        for (const [name, directory] of answer) fetched.set(name, directory)
        await keep(answer)
        return answer.get(oid) as Directory
      }
      const entries: SizedEntry[] = []
      await collect(load, root, '', entries)
      return entries
    },
    async fetchMany(roots, signal) {
      const asked = new Set<Oid>()
      for (let open = roots; open.length > 0; ) {
        const unknown: Oid[] = []
        for (const oid of new Set(open)) if (!asked.has(oid) && !(await stored(oid))) unknown.push(oid)
        const children: Oid[] = []
        for (const batch of batches(unknown, BATCH)) {
          const directories = await queryDirectories(api, batch, signal)
          await keep(directories)
          for (const [oid, directory] of directories) {
            asked.add(oid)
            children.push(...directory.filter(isDirectory).map((item) => item.oid))
          }
        }
        open = children
      }
    },
  }
}

async function collect(
  load: (oid: Oid) => Promise<Directory>,
  oid: Oid,
  prefix: string,
  entries: SizedEntry[],
): Promise<void> {
  for (const item of await load(oid)) {
    const path = prefix + item.name
    if (isDirectory(item)) await collect(load, item.oid, `${path}/`, entries)
    else if (entries.length === MOST_ENTRIES) throw tooManyFiles()
    else entries.push({ path, mode: fileMode(item.mode), oid: item.oid, size: item.size })
  }
}

/** All directories below this one in one request; where they are too many, only itself. */
async function fetchDirectories(
  api: GitHubApi,
  oid: Oid,
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, Directory>> {
  const all = await getTree(api, oid, { tree_sha: oid, recursive: '1' }, signal)
  if (!all.truncated) return directoriesOf(oid, all.entries)
  const one = await getTree(api, oid, { tree_sha: oid }, signal)
  if (one.truncated) throw tooManyFiles()
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
    // GraphQL says 0 for what has no size.
    const items = entries.map((item) => (isDirectory(item) ? { ...item, size: undefined } : item))
    found.set(oid, provenDirectory(oid, items))
  }
  return found
}
