import { posix } from 'node:path'
import type { TreeEntry } from '../source/git-source.ts'
import { directoriesOf, waysTo } from './directories.ts'
import { type FilePlace, placeUnder } from './file-place.ts'
import { finishedTree } from './finished-tree.ts'
import { hasOwnInclude, type Layout } from './layout-fields.ts'
import { folderOf, folderProblem, skillFoldersIn } from './skill-folders.ts'
import {
  type FoundDirectory,
  type LeftOutFile,
  modeProblem,
  type PromptTree,
  type TreePromptFile,
} from './tree.ts'
import { NO_SIDECARS, sidecarProblem, sidecarsIn } from './tree-sidecars.ts'

/** Throws `CostlyPatterns`. */
export type ReadTree = (entries: readonly TreeEntry[]) => PromptTree

/** The patterns of a layout take more comparisons with the paths of a tree than they may. */
export class CostlyPatterns extends Error {}

/** Paths that a reader remembers, of all trees that it reads: about 8 MB. */
const REMEMBERED_PATHS = 25_000

/** Classifies paths under a layout. */
interface Places {
  readonly directories: readonly string[]
  /** The directories that cannot exist if a path is a file, by path. */
  readonly ways: ReadonlyMap<string, readonly string[]>
  readonly placeOf: (path: string) => FoundPlace
  readonly hasSidecars: boolean
  /** Whether files of skill folders can be prompts of their own. */
  readonly hasOwnInclude: boolean
  /** How many comparisons the paths of a tree may take. */
  readonly mostSteps: number
}

interface FoundPlace {
  readonly place: FilePlace | null
  /** How many comparisons it took. */
  readonly steps: number
}

/**
 * Reads trees under a layout. Each path is matched once, because many commits share their paths. A remembered
 * path counts as if it were compared again, so that a tree is read or refused whatever was read before it.
 */
export function createTreeReader(layout: Layout, mostSteps = Number.POSITIVE_INFINITY): ReadTree {
  const directories = directoriesOf(layout)
  let steps = 0
  const place = placeUnder(layout, directories, (count) => {
    steps += count
  })
  const known = new Map<string, FoundPlace>()
  const placeOf = (path: string) => {
    const remembered = known.get(path)
    if (remembered !== undefined) return remembered
    if (known.size === REMEMBERED_PATHS) known.clear()
    steps = 0
    const found = { place: place(path), steps }
    known.set(path, found)
    return found
  }
  const hasSidecars = layout.sidecars !== undefined
  const ways = waysTo(directories)
  const places = { directories, ways, placeOf, hasSidecars, hasOwnInclude: hasOwnInclude(layout), mostSteps }
  return (entries) => readTree(entries, places)
}

function readTree(
  entries: readonly TreeEntry[],
  { directories, ways, placeOf, hasSidecars, hasOwnInclude, mostSteps }: Places,
): PromptTree {
  const files: TreePromptFile[] = []
  const quarantined: LeftOutFile[] = []
  const ignored: LeftOutFile[] = []
  const ids = new Map<string, string>()
  const found = new Map(directories.map((directory) => [directory, unknownDirectory(directory)]))
  const foundAmong = (names: readonly string[] = []) => names.flatMap((name) => found.get(name) ?? [])
  const beside = hasSidecars ? sidecarsIn(entries, placeOf) : NO_SIDECARS
  const skills = skillFoldersIn(entries, { directories, placeOf, sidecars: beside.owners })
  const reasonOf = (path: string, place: FilePlace): string | null => {
    const owner = beside.owners.get(path)
    if (owner !== undefined) return `It is a sidecar of ${owner}.`
    return 'ignored' in place && !skills.owners.has(path) ? place.ignored : null
  }
  let stepsLeft = mostSteps
  for (const { path, mode, oid: blob } of entries) {
    for (const one of foundAmong(ways.get(path))) Object.assign(one, { kind: kindOf(mode), at: path })
    const { place, steps } = placeOf(path)
    stepsLeft -= steps
    if (stepsLeft < 0) throw new CostlyPatterns()
    if (place === null) continue
    const owned = beside.owners.has(path) || (!hasOwnInclude && skills.owners.has(path))
    if ('id' in place && !owned) ids.set(path, place.id)
    const above = foundAmong(place.directories)
    for (const one of above) one.kind = 'directory'
    if ('ignored' in place || owned) {
      for (const one of above) one.ignored++
      const reason = reasonOf(path, place)
      if (reason !== null) ignored.push({ path, blob, reason })
      continue
    }
    for (const one of above) one.prompts++
    const sidecars = beside.files.get(path) ?? []
    const folder = skills.files.get(path)
    const reason =
      'quarantined' in place
        ? place.quarantined
        : (modeProblem(mode) ?? sidecarProblem(sidecars) ?? folderProblem(path, folder))
    if (reason !== undefined) quarantined.push({ path, blob, reason })
    else if ('id' in place)
      files.push({
        ...{ id: place.id, path, blob },
        ...(sidecars.length > 0 && {
          sidecars: sidecars.map(({ path, oid }) => ({ name: posix.basename(path), blob: oid })),
        }),
        ...folderOf(path, folder),
        ...(place.split === true && { split: true }),
      })
  }
  return finishedTree({ files, quarantined, ignored, ids, directories: [...found.values()] })
}

type Counted<T> = { -readonly [Key in keyof T]: T[Key] }

/** The root exists even if it is empty. */
function unknownDirectory(directory: string): Counted<FoundDirectory> {
  return {
    directory,
    kind: directory === '' ? 'directory' : 'missing',
    at: directory,
    prompts: 0,
    ignored: 0,
  }
}

function kindOf(mode: TreeEntry['mode']): FoundDirectory['kind'] {
  if (mode === '120000') return 'symlink'
  return mode === '160000' ? 'submodule' : 'file'
}
