import { posix } from 'node:path'
import picomatch from 'picomatch'
import { promptIdKey, promptIdProblem } from '../api/contract/prompt-id.ts'
import type { SourceConfig } from './config.ts'
import type { Oid, TreeEntry } from './source/git-source.ts'

/** Where the prompts of a repository lie. */
export type Layout = Pick<SourceConfig, 'directories' | 'include' | 'exclude' | 'idPrefix'>

/** A file that is to be a prompt, as far as its name tells. */
export interface PromptFile {
  readonly id: string
  readonly path: string
  readonly blob: Oid
}

/** A file that was looked at and is no prompt, with the reason as a sentence. */
export interface RefusedFile {
  readonly path: string
  readonly blob: Oid
  readonly reason: string
}

/** A tree as the layout sees it. Every list is in the order of the paths. */
export interface DesiredTree {
  readonly files: readonly PromptFile[]
  /** Included files that cannot become a version. */
  readonly quarantined: readonly RefusedFile[]
  /** Files below the directories that the layout leaves out. */
  readonly ignored: readonly RefusedFile[]
  /** By path, the prompt id of each file whose name is one, also of those that cannot become a version. */
  readonly ids: ReadonlyMap<string, string>
}

type Place = { readonly id: string } | { readonly quarantined: string } | { readonly ignored: string } | null

/** Reads trees under a layout. What a path means is worked out once, since many commits share their paths. */
export function createTreeReader(layout: Layout): (entries: readonly TreeEntry[]) => DesiredTree {
  const place = placeUnder(layout)
  const places = new Map<string, Place>()
  const placeOf = (path: string) => {
    const known = places.get(path)
    if (known !== undefined) return known
    const found = place(path)
    places.set(path, found)
    return found
  }
  return (entries) => readTree(entries, placeOf)
}

function readTree(entries: readonly TreeEntry[], placeOf: (path: string) => Place): DesiredTree {
  const files: PromptFile[] = []
  const quarantined: RefusedFile[] = []
  const ignored: RefusedFile[] = []
  const ids = new Map<string, string>()
  for (const { path, mode, oid: blob } of entries) {
    const place = placeOf(path)
    if (place === null) continue
    const problem = modeProblem(mode)
    if ('id' in place) ids.set(path, place.id)
    if ('ignored' in place) ignored.push({ path, blob, reason: place.ignored })
    else if ('quarantined' in place) quarantined.push({ path, blob, reason: place.quarantined })
    else if (problem !== undefined) quarantined.push({ path, blob, reason: problem })
    else files.push({ id: place.id, path, blob })
  }
  const duplicates = duplicatesIn(files)
  if (duplicates.size === 0) return { files, quarantined, ignored, ids }
  const refused = files.flatMap(({ path, blob }) => {
    const reason = duplicates.get(path)
    return reason === undefined ? [] : [{ path, blob, reason }]
  })
  return {
    files: files.filter((file) => !duplicates.has(file.path)),
    quarantined: [...quarantined, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1)),
    ignored,
    ids,
  }
}

function placeUnder(layout: Layout): (path: string) => Place {
  const directories = layout.directories
    .map((directory) => posix.normalize(`${directory}/`).replace(/^\.?\/|\/$/g, ''))
    .sort((a, b) => b.length - a.length)
  const included = picomatch([...layout.include])
  const excluded = layout.exclude.length === 0 ? () => false : picomatch([...layout.exclude])
  return (path) => {
    const directory = directories.find((one) => one === '' || path.startsWith(`${one}/`))
    if (directory === undefined) return null
    const below = directory === '' ? path : path.slice(directory.length + 1)
    if (!included(below)) return { ignored: `No include pattern matches it (${layout.include.join(', ')}).` }
    if (excluded(below)) return { ignored: `An exclude pattern matches it (${layout.exclude.join(', ')}).` }
    if (path.includes('\uFFFD')) return { quarantined: 'The file name is not valid UTF-8; rename the file.' }
    const id = layout.idPrefix + below.replace(/\.[^./]+$/, '')
    const problem = promptIdProblem(id)
    return problem === undefined ? { id } : { quarantined: problem }
  }
}

function modeProblem(mode: TreeEntry['mode']): string | undefined {
  if (mode === '120000') return 'It is a symbolic link; commit the file itself.'
  if (mode === '160000') return 'It is a submodule; add its repository as a source of its own.'
  return undefined
}

/** By path, the reason for every file whose id another file has too, up to case. */
function duplicatesIn(files: readonly PromptFile[]): Map<string, string> {
  const byKey = Map.groupBy(files, ({ id }) => promptIdKey(id))
  const duplicates = new Map<string, string>()
  for (const group of byKey.values()) {
    if (group.length === 1) continue
    for (const file of group) {
      const others = group.filter((other) => other !== file).map((other) => other.path)
      duplicates.set(
        file.path,
        `Its prompt id "${file.id}" is also that of ${others.join(', ')}; rename one of them.`,
      )
    }
  }
  return duplicates
}
