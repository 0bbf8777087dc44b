import type { TreeEntry, TreeScope } from './git-source.ts'
import type { Oid } from './oid.ts'
import { type SourceError, sourceError } from './source-error.ts'
import { type Wanted, type WantedEntry, wantedOf } from './tree-scope.ts'

/** An item of a directory. In git's order, a depth-first walk visits paths in byte order. */
export interface TreeItem {
  readonly name: string
  readonly mode: TreeEntry['mode'] | 'directory'
  readonly oid: Oid
  /** In bytes, if the host reports it. */
  readonly size?: number | undefined
}

/** Old repositories have modes such as 100664, which git normalises like this. */
export function knownMode(mode: number): TreeItem['mode'] {
  switch (mode & 0o170000) {
    case 0o040000:
      return 'directory'
    case 0o100000:
      return mode & 0o100 ? '100755' : '100644'
    case 0o120000:
      return '120000'
    default:
      return '160000'
  }
}

/** A file, and its size if the host reports it. */
export interface SizedEntry extends TreeEntry {
  readonly size?: number | undefined
}

/** Loads the items of a directory. It may omit unwanted items. */
export type LoadDirectory = (tree: Oid, wanted: Wanted) => Promise<readonly TreeItem[]>

export interface WalkOptions {
  /** The number of directories to load ahead of the next one. */
  readonly ahead: number
}

/**
 * A few small objects can describe a tree with billions of files or empty directories. No repository of prompts is
 * near these limits, and git cannot check out longer paths.
 */
const MOST_DIRECTORIES = 50_000
const MOST_PATH = 4_096
/** In characters, the mean length of as many paths as a scope may have: prompt ids have at most 200. */
const MOST_MEAN_PATH = 256

/** The files of a scope, sorted by path (bytes). Throws `too_large` as soon as it finds too many. */
export async function walkTree(
  root: Oid,
  scope: TreeScope,
  load: LoadDirectory,
  { ahead }: WalkOptions,
): Promise<SizedEntry[]> {
  const entries: SizedEntry[] = []
  let directories = 0
  let charactersLeft = mostOf(scope).characters

  const walk = async (tree: Oid, wanted: Wanted, prefix: string): Promise<void> => {
    demandFewDirectories(++directories, scope)
    const items = (await load(tree, wanted)).flatMap((item) => wantedItem(item, wanted) ?? [])
    const below = items.flatMap(({ item, below }) => (item.mode === 'directory' ? [{ item, below }] : []))
    let asked = 0
    let walked = 0
    for (const { item, below: next } of items) {
      const { name, mode, oid, size } = item
      if (prefix.length + name.length > MOST_PATH) throw pathTooLong(prefix + name)
      charactersLeft -= prefix.length + name.length
      if (charactersLeft < 0) throw pathsTooLong()
      if (mode !== 'directory') {
        if (entries.length === scope.maxFiles) throw tooManyFiles(scope)
        entries.push({ path: prefix + name, mode, oid, ...(size !== undefined && { size }) })
        continue
      }
      for (; asked < Math.min(below.length, walked + 1 + ahead); asked++) {
        const one = below[asked]
        // If the walk stops early, nobody awaits these loads.
        if (one && ahead > 0) load(one.item.oid, one.below).catch(() => {})
      }
      walked++
      await walk(oid, next, `${prefix}${name}/`)
    }
  }
  await walk(root, wantedOf(scope), '')
  return entries
}

/** The item, and the wanted part below it; `undefined` if it is not wanted. */
function wantedItem(item: TreeItem, wanted: Wanted): { item: TreeItem; below: Wanted } | undefined {
  if (wanted === 'all') return { item, below: 'all' }
  const entry: WantedEntry | undefined = wanted.get(item.name)
  if (entry === undefined) return undefined
  if (item.mode !== 'directory') return entry.entry ? { item, below: NOTHING } : undefined
  return entry.below === undefined ? undefined : { item, below: entry.below }
}

const NOTHING: Wanted = new Map()

export function tooManyFiles({ maxFiles, directories }: TreeScope): SourceError {
  const where = directories.includes('') ? 'The repository' : 'The directories of this source'
  const have = directories.includes('') ? 'has' : 'have'
  return sourceError('too_large', `${where} ${have} more than ${maxFiles.toLocaleString('en')} files.`, {
    next: 'Narrow the directories of this source, or raise the number of files that it may have.',
  })
}

/**
 * A directory with more items has too many files or too many directories, and one with more characters in its names has
 * paths that are too long, so that the rest does not matter.
 */
export interface DirectoryLimits {
  readonly items: number
  readonly characters: number
}

export function mostOf(scope: TreeScope): DirectoryLimits {
  return {
    items: scope.maxFiles + mostDirectories(scope),
    characters: MOST_MEAN_PATH * Math.max(scope.maxFiles, MOST_PATH),
  }
}

function mostDirectories({ maxFiles }: TreeScope): number {
  return Math.max(MOST_DIRECTORIES, maxFiles)
}

/** Throws `too_large`. */
export function demandFewDirectories(count: number, scope: TreeScope): void {
  const most = mostDirectories(scope)
  if (count <= most) return
  const happened = `There are more than ${most.toLocaleString('en')} directories to read.`
  throw sourceError('too_large', happened, { next: 'Narrow the directories of this source.' })
}

function pathsTooLong(): SourceError {
  return sourceError('too_large', 'The paths of the files and directories are too long together.', {
    next: 'Narrow the directories of this source, or shorten names.',
  })
}

function pathTooLong(path: string): SourceError {
  const happened = `A path is longer than ${MOST_PATH.toLocaleString('en')} characters: ${path.slice(0, 60)}…`
  return sourceError('too_large', happened, { next: 'Narrow the directories of this source.' })
}
