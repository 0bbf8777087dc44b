import { z } from 'zod'
import type { Oid } from '../oid.ts'
import { type SourceError, sourceError } from '../source-error.ts'
import { knownMode, type TreeItem } from '../tree-walk.ts'
import { notUnderstood } from './errors.ts'
import { oidOf, oidSchema } from './objects.ts'

/** A directory in git's order. `mode` is git's number. */
export type Directory = readonly Item[]

export interface Item {
  readonly name: string
  readonly mode: number
  readonly oid: Oid
  /** Bytes of a file. */
  readonly size?: number | undefined
}

export const directorySchema: z.ZodType<Directory> = z.array(
  z.object({ name: z.string(), mode: z.int(), oid: oidSchema, size: z.int().optional() }),
)

export const isDirectory = ({ mode }: Pick<Item, 'mode'>) => (mode & 0o170000) === 0o040000

/** Sorts the items like git, and proves by their hash that they are complete. Throws if the hash is not `oid`. */
export function provenDirectory(oid: Oid, items: readonly Item[]): Directory {
  const keyed = items.map((item) => ({
    item,
    key: Buffer.from(isDirectory(item) ? `${item.name}/` : item.name),
  }))
  const sorted = keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ item }) => item)
  // A name that is not UTF-8 contains U+FFFD here, so its bytes are unknown.
  if (sorted.some(({ name }) => name.includes('\uFFFD'))) return sorted
  const bytes = sorted.flatMap(({ name, mode, oid: child }) => [
    Buffer.from(`${mode.toString(8)} ${name}\0`),
    Buffer.from(child, 'hex'),
  ])
  if (oidOf('tree', Buffer.concat(bytes), oid) !== oid)
    throw notUnderstood(`the directory ${oid} is incomplete`)
  return sorted
}

export function treeItem({ name, mode, oid, size }: Item): TreeItem {
  return { name, mode: knownMode(mode), oid, size }
}

/** Splits a recursive listing into its directories. The first one is the root. */
export function directoriesOf(
  root: Oid,
  entries: readonly { readonly path: string; readonly item: Omit<Item, 'name'> }[],
): Map<Oid, Directory> {
  const folders = new Map<string, { oid: Oid; items: Item[] }>([['', { oid: root, items: [] }]])
  for (const { path, item } of entries) if (isDirectory(item)) folders.set(path, { oid: item.oid, items: [] })
  for (const { path, item } of entries) {
    const slash = path.lastIndexOf('/')
    const folder = folders.get(slash < 0 ? '' : path.slice(0, slash))
    if (folder === undefined) throw notUnderstood(`a file of no directory: ${path}`)
    folder.items.push({ ...item, name: path.slice(slash + 1) })
  }
  return new Map([...folders.values()].map(({ oid, items }) => [oid, provenDirectory(oid, items)]))
}

/** GitHub lists at most 100,000 entries. */
export function directoryTooLarge(oid: Oid): SourceError {
  const happened = `The directory ${oid} has more entries than GitHub lists.`
  return sourceError('too_large', happened, {
    next: 'Read this source with git (type: git), or keep prompts in a smaller repository.',
    object: oid,
  })
}
