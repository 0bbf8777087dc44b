import type { Oid } from '../oid.ts'
import type { Wanted } from '../tree-scope.ts'
import type { DirectoryLimits, TreeItem } from '../tree-walk.ts'
import type { GitCommand } from './command.ts'
import { createLineReader } from './lines.ts'
import { parseTreeLine } from './parse-tree.ts'

// Limits for arguments. The system allows far more, and longer names do not fit into a path.
const MOST_NAMES = 1_000
const MOST_NAME_BYTES = 4_096
const MOST_BYTES = 100_000

/**
 * Lists a directory that is too large to be held. `ls-tree` returns only the wanted names, or if all of it is wanted as
 * many items as `most` allows and one more. One process for each thousand names.
 */
export async function listLargeTree(
  git: GitCommand,
  directory: string,
  tree: Oid,
  wanted: Wanted,
  most: DirectoryLimits,
  signal: AbortSignal,
): Promise<TreeItem[]> {
  if (wanted === 'all') return await lsTree(git, directory, tree, [], most, signal)
  const items: TreeItem[] = []
  for (const names of batchesOf([...wanted.keys()]))
    items.push(...(await lsTree(git, directory, tree, names, most, signal)))
  return items.sort(asGitSorts)
}

function* batchesOf(names: readonly string[]): Generator<string[]> {
  let batch: string[] = []
  let bytes = 0
  for (const name of names) {
    const length = Buffer.byteLength(name)
    if (length > MOST_NAME_BYTES || name === '' || name.includes('\0')) continue
    if (batch.length === MOST_NAMES || bytes + length > MOST_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(name)
    bytes += length
  }
  if (batch.length > 0) yield batch
}

async function lsTree(
  git: GitCommand,
  directory: string,
  tree: Oid,
  names: readonly string[],
  most: DirectoryLimits,
  signal: AbortSignal,
): Promise<TreeItem[]> {
  const items: TreeItem[] = []
  let charactersLeft = most.characters
  const isFull = () => items.length > most.items || charactersLeft < 0
  const readLines = createLineReader(
    (line) => {
      if (isFull()) return
      const item = parseTreeLine(line)
      items.push(item)
      charactersLeft -= item.name.length
    },
    { separator: '\0' },
  )
  const args = ['--git-dir', directory, '--literal-pathspecs', 'ls-tree', '-z', '--full-tree', tree, '--']
  const end = await git.end('local', [...args, ...names], {
    signal,
    onOutput(chunk, stop) {
      readLines(chunk)
      if (isFull()) stop()
    },
  })
  if (end.code === 0 || end.killedBecause === 'stopped') return items
  throw git.failure('local', 'list a directory', end, signal)
}

/** Sorts by bytes, as if the names of directories ended with a slash. */
function asGitSorts(a: TreeItem, b: TreeItem): number {
  return Buffer.compare(sortKey(a), sortKey(b))
}

function sortKey({ name, mode }: TreeItem): Buffer {
  return Buffer.from(mode === 'directory' ? `${name}/` : name)
}
