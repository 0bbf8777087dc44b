import { z } from 'zod'
import { type Oid, SourceError, type TreeEntry } from '../git-source.ts'
import { notUnderstood } from './errors.ts'
import { oidOf, oidSchema } from './objects.ts'

/** One directory as git stores it, in git's order. `mode` is git's own number. */
export type Directory = readonly Item[]

export interface Item {
  readonly name: string
  readonly mode: number
  readonly oid: Oid
  /** In bytes, of files. */
  readonly size?: number | undefined
}

export const directorySchema: z.ZodType<Directory> = z.array(
  z.object({ name: z.string(), mode: z.int(), oid: oidSchema, size: z.int().optional() }),
)

export const isDirectory = ({ mode }: Item) => (mode & 0o170000) === 0o040000

/** Sorted as git sorts, and complete: its own name proves it. Throws where it is not what `oid` names. */
export function provenDirectory(oid: Oid, items: readonly Item[]): Directory {
  const keyed = items.map((item) => ({
    item,
    key: Buffer.from(isDirectory(item) ? `${item.name}/` : item.name),
  }))
  const sorted = keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ item }) => item)
  // A name that is not UTF-8 came here with U+FFFD in its place, so its bytes are not known.
  if (sorted.some(({ name }) => name.includes('\uFFFD'))) return sorted
  const bytes = sorted.flatMap(({ name, mode, oid: child }) => [
    Buffer.from(`${mode.toString(8)} ${name}\0`),
    Buffer.from(child, 'hex'),
  ])
  if (oidOf('tree', Buffer.concat(bytes), oid) !== oid)
    throw notUnderstood(`the directory ${oid} is incomplete`)
  return sorted
}

/** Old repositories have modes such as 100664; git itself reads them this way. */
export function fileMode(mode: number): TreeEntry['mode'] {
  switch (mode & 0o170000) {
    case 0o100000:
      return mode & 0o100 ? '100755' : '100644'
    case 0o120000:
      return '120000'
    default:
      return '160000'
  }
}

/** A recursive listing, parted into its directories; the first is the one asked for. */
export function directoriesOf(
  root: Oid,
  entries: readonly { readonly path: string; readonly item: Omit<Item, 'name'> }[],
): Map<Oid, Directory> {
  const folders = new Map<string, { oid: Oid; items: Item[] }>([['', { oid: root, items: [] }]])
  for (const { path, item } of entries)
    if (isDirectory({ ...item, name: path })) folders.set(path, { oid: item.oid, items: [] })
  for (const { path, item } of entries) {
    const slash = path.lastIndexOf('/')
    const folder = folders.get(slash < 0 ? '' : path.slice(0, slash))
    if (folder === undefined) throw notUnderstood(`a file of no directory: ${path}`)
    folder.items.push({ ...item, name: path.slice(slash + 1) })
  }
  return new Map([...folders.values()].map(({ oid, items }) => [oid, provenDirectory(oid, items)]))
}

export function tooManyFiles(): SourceError {
  return new SourceError(
    'failed',
    'The repository has more files than can be read from GitHub: keep prompts in a smaller one.',
  )
}
