import type { TreeScope } from './git-source.ts'

/** The wanted part of a directory: all of it, or entries by name. */
export type Wanted = 'all' | ReadonlyMap<string, WantedEntry>

export interface WantedEntry {
  /**
   * Wanted if it is not a directory: a named file, or an entry at the path of a directory or one of its parents.
   */
  readonly entry: boolean
  /** The wanted part, if it is a directory. */
  readonly below: Wanted | undefined
}

/** Every file of a commit. */
export const WHOLE_TREE: TreeScope = { directories: [''], files: [], maxFiles: 1_000_000 }

/** The wanted part of the root directory. */
export function wantedOf({ directories, files }: Pick<TreeScope, 'directories' | 'files'>): Wanted {
  if (directories.includes('')) return 'all'
  const root = new Map<string, Mutable>()
  for (const path of directories) {
    const way = entriesOn(root, path)
    for (const one of way) one.entry = true
    const last = way.at(-1)
    if (last) last.below = 'all'
  }
  for (const path of files) {
    const last = entriesOn(root, path).at(-1)
    if (last) last.entry = true
  }
  return root
}

interface Mutable {
  entry: boolean
  below: 'all' | Map<string, Mutable> | undefined
}

/** The entries from the root to `path`; none if a directory on the way is wanted whole. */
function entriesOn(root: Map<string, Mutable>, path: string): Mutable[] {
  const way: Mutable[] = []
  let names: Map<string, Mutable> = root
  for (const name of path.split('/')) {
    const parent = way.at(-1)
    if (parent) {
      if (parent.below === 'all') return []
      parent.below ??= new Map()
      names = parent.below
    }
    const known = names.get(name) ?? { entry: false, below: undefined }
    names.set(name, known)
    way.push(known)
  }
  return way
}
