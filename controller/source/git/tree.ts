import { type Oid, SourceError, type TreeEntry } from '../git-source.ts'
import { treeOfCommit } from './commit.ts'
import { CacheDamage } from './errors.ts'
import type { ObjectReader } from './object-reader.ts'

/** What a directory holds, as git stores it: sorted so that walking depth first visits paths in byte order. */
interface TreeItem {
  readonly name: string
  readonly mode: TreeEntry['mode'] | 'directory'
  readonly oid: Oid
}

export interface TreeLimits {
  /** How many directory entries stay parsed between calls. */
  readonly remembered: number
  /** How many entries one commit may have: a few small objects can describe a tree of billions. */
  readonly perCommit: number
}

const LIMITS: TreeLimits = { remembered: 200_000, perCommit: 1_000_000 }

/**
 * Reads whole trees. Directories stay parsed between calls, by object name: the next commit costs only the
 * directories that it changed.
 */
export function createTreeReader(
  reader: ObjectReader,
  limits = LIMITS,
): (commit: Oid) => Promise<TreeEntry[]> {
  const load = rememberingLoader(reader, limits.remembered)

  return async (commit) => {
    const entries: TreeEntry[] = []
    let visited = 0
    const walk = async (tree: Oid, prefix: string): Promise<void> => {
      const items = await load(tree)
      visited += items.length
      if (visited > limits.perCommit) throw tooManyFiles(commit)
      // All subdirectories are asked for at once; the walk below awaits them in order.
      for (const item of items) if (item.mode === 'directory') load(item.oid).catch(() => {})
      for (const { name, mode, oid } of items) {
        if (mode === 'directory') await walk(oid, `${prefix}${name}/`)
        else entries.push({ path: prefix + name, mode, oid })
      }
    }
    await walk(treeOfCommit(commit, await reader.read(commit)), '')
    return entries
  }
}

function rememberingLoader(reader: ObjectReader, most: number): (tree: Oid) => Promise<readonly TreeItem[]> {
  // In order of use: the first key is the one not used for longest.
  const remembered = new Map<Oid, { items: Promise<readonly TreeItem[]>; weight: number }>()
  let total = 0
  const forget = (tree: Oid) => {
    total -= remembered.get(tree)?.weight ?? 0
    remembered.delete(tree)
  }

  const read = async (tree: Oid) => {
    const object = await reader.read(tree)
    if (object?.type !== 'tree') throw missingTree(tree)
    return parseTree(object.bytes, tree.length / 2)
  }
  return (tree) => {
    const known = remembered.get(tree)
    if (known) {
      remembered.delete(tree)
      remembered.set(tree, known)
      return known.items
    }
    const entry = { items: read(tree), weight: 0 }
    remembered.set(tree, entry)
    entry.items.then(
      ({ length }) => {
        if (remembered.get(tree) !== entry) return
        entry.weight = 1 + length
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

function parseTree(bytes: Buffer, oidBytes: number): TreeItem[] {
  const items: TreeItem[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const nul = bytes.indexOf(0, space)
    const next = nul + 1 + oidBytes
    items.push({
      mode: knownMode(Number.parseInt(bytes.toString('latin1', at, space), 8)),
      name: bytes.toString('utf8', space + 1, nul),
      oid: bytes.toString('hex', nul + 1, next),
    })
    at = next
  }
  return items
}

/** Old repositories have modes such as 100664; git itself reads them this way. */
function knownMode(mode: number): TreeItem['mode'] {
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

function missingTree(tree: Oid): SourceError {
  return new CacheDamage(`The git cache lacks the directory ${tree}; it is made anew at the next pass.`)
}

function tooManyFiles(commit: Oid): SourceError {
  return new SourceError(
    'failed',
    `Commit ${commit} has more files than can be read: keep prompts in a smaller repository.`,
  )
}
