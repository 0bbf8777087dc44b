import { posix } from 'node:path'
import type { TreeScope } from '../source/git-source.ts'
import type { Layout, LayoutDirectory } from './layout-fields.ts'

/** Directories of layouts, as paths in a tree. */

/** Paths from the root without a trailing slash, longest first. */
export function directoriesOf({ directories }: Pick<Layout, 'directories'>): string[] {
  return [...new Set(directories.map(pathOf))].sort((a, b) => b.length - a.length)
}

/** The prefix of the ids below each directory that has one, by path. */
export function idPrefixesOf({ directories }: Pick<Layout, 'directories'>): ReadonlyMap<string, string> {
  return new Map(
    directories.flatMap((one) => (typeof one === 'string' ? [] : [[pathOf(one), one.idPrefix] as const])),
  )
}

function pathOf(directory: string | LayoutDirectory): string {
  return normalized(typeof directory === 'string' ? directory : directory.path)
}

export function isBelow(path: string, directory: string): boolean {
  return directory === '' || path.startsWith(`${directory}/`)
}

/** The directories that cannot exist if a path is a file, by path. */
export function waysTo(directories: readonly string[]): Map<string, string[]> {
  const ways = new Map<string, string[]>()
  for (const directory of directories) {
    const names = directory.split('/')
    for (let count = names.length; count > 0; count--) {
      const path = names.slice(0, count).join('/')
      ways.set(path, [...(ways.get(path) ?? []), directory])
    }
  }
  return ways
}

/** What to list of a commit to read it under these layouts. */
export function treeScope(layouts: readonly Layout[], files: readonly string[], maxFiles: number): TreeScope {
  return { directories: [...new Set(layouts.flatMap(directoriesOf))], files, maxFiles }
}

/** Whether a listing for `listed` covers the directories of this layout. */
export function isWithin(layout: Layout, listed: readonly Layout[]): boolean {
  const roots = listed.flatMap(directoriesOf)
  return directoriesOf(layout).every((directory) => roots.some((root) => isBelow(`${directory}/`, root)))
}

function normalized(directory: string): string {
  return posix.normalize(`${directory}/`).replace(/^\.?\/|\/$/g, '')
}
