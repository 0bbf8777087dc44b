import { createHash } from 'node:crypto'
import {
  type GitSnapshot,
  SourceError,
  type TreeEntry,
  type TreeScope,
} from '../../controller/source/git-source.ts'
import type { Oid } from '../../controller/source/oid.ts'
import { type TreeItem, walkTree } from '../../controller/source/tree-walk.ts'

/** The content of a path: text or bytes, or something that is not a file. */
export type MemoryFile = string | Uint8Array | { readonly symlink: string } | { readonly submodule: string }

export interface MemorySnapshot extends Pick<GitSnapshot, 'tree' | 'blobs'> {
  /** Requests, in order. */
  readonly asked: {
    readonly trees: { readonly commit: Oid; readonly directories: readonly string[] }[]
    readonly blobs: Oid[]
    /** The number of requests for blobs. */
    blobRequests: number
  }
  /** Commits and blobs that the repository no longer has. */
  readonly gone: Set<Oid>
}

/** Trees and blobs in memory, walked within a scope like in every adapter. */
export function memorySnapshot(
  commits: Readonly<Record<Oid, Readonly<Record<string, MemoryFile>>>>,
): MemorySnapshot {
  const blobs = new Map(
    Object.values(commits)
      .flatMap((files) => Object.values(files))
      .flatMap((file) => {
        const bytes = bytesOf(file)
        return bytes === undefined ? [] : [[blobOf(bytes), bytes] as const]
      }),
  )
  const gone = new Set<Oid>()
  const asked: MemorySnapshot['asked'] = { trees: [], blobs: [], blobRequests: 0 }
  return {
    asked,
    gone,
    async tree(commit: Oid, scope: TreeScope) {
      asked.trees.push({ commit, directories: [...scope.directories] })
      const files = gone.has(commit) ? undefined : commits[commit]
      if (files === undefined) throw missing(commit)
      const entries = await walkTree('', scope, async (tree) => itemsOf(files, tree), { ahead: 0 })
      return entries.map(({ path, mode, oid }) => ({ path, mode, oid }))
    },
    async *blobs(oids, maxBytes) {
      asked.blobRequests++
      for (const oid of oids) {
        asked.blobs.push(oid)
        const bytes = gone.has(oid) ? undefined : blobs.get(oid)
        if (bytes === undefined) throw missing(oid)
        yield bytes.length > maxBytes ? { oid, tooLarge: bytes.length } : { oid, bytes }
      }
    },
  }
}

/** The object name of a blob with this text. */
export function blobOf(text: string | Uint8Array): Oid {
  return createHash('sha1').update('blob\0').update(text).digest('hex')
}

function bytesOf(file: MemoryFile): Uint8Array | undefined {
  if (typeof file === 'string') return Buffer.from(file)
  if (file instanceof Uint8Array) return file
  return 'symlink' in file ? Buffer.from(file.symlink) : undefined
}

/** The files and directories directly in a directory. Its path ends with a slash. */
function itemsOf(files: Readonly<Record<string, MemoryFile>>, directory: string): TreeItem[] {
  const items = new Map<string, TreeItem>()
  for (const [path, file] of Object.entries(files)) {
    if (!path.startsWith(directory)) continue
    const [name = '', ...rest] = path.slice(directory.length).split('/')
    const oid = `${directory}${name}/`
    items.set(name, rest.length > 0 ? { name, mode: 'directory', oid } : { name, ...entryOf(file) })
  }
  const gitOrder = ({ name, mode }: TreeItem) => (mode === 'directory' ? `${name}/` : name)
  return [...items.values()].sort((a, b) => (gitOrder(a) < gitOrder(b) ? -1 : 1))
}

function entryOf(file: MemoryFile): Pick<TreeEntry, 'mode' | 'oid'> {
  if (typeof file === 'string' || file instanceof Uint8Array) return { mode: '100644', oid: blobOf(file) }
  if ('symlink' in file) return { mode: '120000', oid: blobOf(file.symlink) }
  return { mode: '160000', oid: file.submodule }
}

function missing(oid: Oid): SourceError {
  return new SourceError('object_missing', `The repository has no object ${oid}.`)
}
