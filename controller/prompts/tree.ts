import { promptIdKey, promptIdProblem } from '../../api/contract/prompt-id.ts'
import type { TreeEntry } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { compileGlobs } from '../values/glob.ts'
import { directoriesOf, idPrefixesOf, isBelow, waysTo } from './directories.ts'
import { LAYOUT_FILE } from './layout.ts'
import type { Layout } from './layout-fields.ts'
import { pathBeside, pathMatcher, sidecarNames } from './sidecar-rules.ts'

/** A file that becomes a prompt, judging by its path. */
export interface TreePromptFile {
  readonly id: string
  readonly path: string
  readonly blob: Oid
  /** Files beside it that belong to the prompt; absent if there are none. */
  readonly sidecars?: readonly SidecarFile[]
  /** Each key of the file is a prompt. */
  readonly split?: true
}

export interface SidecarFile {
  readonly name: string
  readonly blob: Oid
}

/** Whether two files have the same path and content, sidecars included. */
export function isSameFile(a: TreePromptFile, b: TreePromptFile): boolean {
  const hasSame = JSON.stringify(a.sidecars ?? []) === JSON.stringify(b.sidecars ?? [])
  return a.path === b.path && a.blob === b.blob && hasSame
}

/** A file that does not become a prompt. `reason` is an error message. */
export interface LeftOutFile {
  readonly path: string
  readonly blob: Oid
  readonly reason: string
}

/** A directory of the layout in a tree. */
export interface FoundDirectory {
  /** From the root; empty for the root itself. */
  readonly directory: string
  readonly kind: 'directory' | 'missing' | 'file' | 'symlink' | 'submodule'
  /** The path that has this kind: the directory itself, or a link, submodule or file on the way to it. */
  readonly at: string
  /** Number of prompt files below it, including those that cannot become a version. */
  readonly prompts: number
  /** Number of files below it that the layout leaves out. */
  readonly ignored: number
}

/** A tree under a layout. Every list is sorted by path. */
export interface PromptTree {
  readonly files: readonly TreePromptFile[]
  /** Included files that cannot become a version. */
  readonly quarantined: readonly LeftOutFile[]
  /** Files below the directories that the layout leaves out. */
  readonly ignored: readonly LeftOutFile[]
  /** The prompt id of each file with a valid one, by path, including files that cannot become a version. */
  readonly ids: ReadonlyMap<string, string>
  readonly directories: readonly FoundDirectory[]
}

/** Throws `CostlyPatterns`. */
export type ReadTree = (entries: readonly TreeEntry[]) => PromptTree

/** The patterns of a layout take more comparisons with the paths of a tree than they may. */
export class CostlyPatterns extends Error {}

/** Paths that a reader remembers, of all trees that it reads: about 8 MB. */
const REMEMBERED_PATHS = 25_000

type FilePlace = {
  /** The directories that contain the file. */
  readonly directories: readonly string[]
} & (
  | { readonly id: string; readonly sidecars?: readonly string[]; readonly split?: true }
  | { readonly quarantined: string }
  | { readonly ignored: string }
)

/** Classifies paths under a layout. */
interface Places {
  readonly directories: readonly string[]
  /** The directories that cannot exist if a path is a file, by path. */
  readonly ways: ReadonlyMap<string, readonly string[]>
  readonly placeOf: (path: string) => FoundPlace
  readonly hasSidecars: boolean
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
  const places = { directories, ways: waysTo(directories), placeOf, hasSidecars, mostSteps }
  return (entries) => readTree(entries, places)
}

function readTree(
  entries: readonly TreeEntry[],
  { directories, ways, placeOf, hasSidecars, mostSteps }: Places,
): PromptTree {
  const files: TreePromptFile[] = []
  const quarantined: LeftOutFile[] = []
  const ignored: LeftOutFile[] = []
  const ids = new Map<string, string>()
  const found = new Map(directories.map((directory) => [directory, unknownDirectory(directory)]))
  const foundAmong = (names: readonly string[] = []) => names.flatMap((name) => found.get(name) ?? [])
  const beside = hasSidecars ? sidecarsIn(entries, placeOf) : NO_SIDECARS
  let stepsLeft = mostSteps
  for (const { path, mode, oid: blob } of entries) {
    for (const one of foundAmong(ways.get(path))) Object.assign(one, { kind: kindOf(mode), at: path })
    const { place, steps } = placeOf(path)
    stepsLeft -= steps
    if (stepsLeft < 0) throw new CostlyPatterns()
    if (place === null) continue
    const owner = beside.owners.get(path)
    if ('id' in place && owner === undefined) ids.set(path, place.id)
    const above = foundAmong(place.directories)
    for (const one of above) one.kind = 'directory'
    if ('ignored' in place || owner !== undefined) {
      for (const one of above) one.ignored++
      const reason =
        'ignored' in place && owner === undefined ? place.ignored : `It is a sidecar of ${owner}.`
      ignored.push({ path, blob, reason })
      continue
    }
    for (const one of above) one.prompts++
    const sidecars = beside.files.get(path) ?? []
    const reason =
      'quarantined' in place ? place.quarantined : (modeProblem(mode) ?? sidecarProblem(sidecars))
    if (reason !== undefined) quarantined.push({ path, blob, reason })
    else if ('id' in place)
      files.push({
        ...{ id: place.id, path, blob },
        ...(sidecars.length > 0 && {
          sidecars: sidecars.map(({ path, oid }) => ({ name: nameIn(path), blob: oid })),
        }),
        ...(place.split === true && { split: true }),
      })
  }
  return finishedTree({ files, quarantined, ignored, ids, directories: [...found.values()] })
}

/** A tree without the files that share their prompt id. */
export function finishedTree(tree: PromptTree): PromptTree {
  const { files, quarantined } = tree
  const duplicates = duplicatesIn(files)
  const refused = files.flatMap(({ path, blob }) => {
    const reason = duplicates.get(path)
    return reason === undefined ? [] : [{ path, blob, reason }]
  })
  return {
    ...tree,
    files: duplicates.size === 0 ? files : files.filter((file) => !duplicates.has(file.path)),
    quarantined: [...quarantined, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

interface Beside {
  /** By the path of a sidecar, the path of its prompt file. */
  readonly owners: ReadonlyMap<string, string>
  /** By the path of a prompt file, its sidecars. */
  readonly files: ReadonlyMap<string, readonly TreeEntry[]>
}

const NO_SIDECARS: Beside = { owners: new Map(), files: new Map() }

/** The sidecars that a tree has. A prompt file without one is a prompt all the same. */
function sidecarsIn(entries: readonly TreeEntry[], placeOf: Places['placeOf']): Beside {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const owners = new Map<string, string>()
  const files = new Map<string, readonly TreeEntry[]>()
  for (const { path } of entries) {
    const { place } = placeOf(path)
    const names = place !== null && 'id' in place ? (place.sidecars ?? []) : []
    const found = names.flatMap((name) => byPath.get(pathBeside(path, name)) ?? [])
    const others = found.filter((one) => one.path !== path)
    if (others.length > 0) files.set(path, others)
    for (const one of others) owners.set(one.path, path)
  }
  return { owners, files }
}

function sidecarProblem(sidecars: readonly TreeEntry[]): string | undefined {
  const odd = sidecars.find(({ mode }) => modeProblem(mode) !== undefined)
  return odd === undefined
    ? undefined
    : `Its sidecar ${odd.path} is not a regular file. Commit the file itself.`
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
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

function placeUnder(
  layout: Layout,
  directories: readonly string[],
  onSteps: (count: number) => void,
): (path: string) => FilePlace | null {
  const isIncluded = compileGlobs(layout.include, { dot: true, onSteps })
  const isExcluded = compileGlobs(layout.exclude, { dot: true, onSteps })
  const idPrefixes = idPrefixesOf(layout)
  const { ids = {}, sidecars: rules = [] } = layout
  const sidecarsOf = sidecarNames(rules, onSteps)
  const isSplit = pathMatcher(layout.splits ?? [], onSteps)
  // Thousands of files may be left out: they share these sentences.
  const notIncluded = `It matches no include pattern (${few(layout.include)}).`
  const excluded = `It matches an exclude pattern (${few(layout.exclude)}).`
  return (path) => {
    const above = directories.filter((directory) => isBelow(path, directory))
    const [directory] = above
    if (directory === undefined) return null
    const below = directory === '' ? path : path.slice(directory.length + 1)
    if (!isIncluded(below)) return { directories: above, ignored: notIncluded }
    if (isExcluded(below)) return { directories: above, ignored: excluded }
    if (path.includes('\uFFFD'))
      return { directories: above, quarantined: 'The file name is not valid UTF-8; rename the file.' }
    const own = Object.hasOwn(ids, path) ? ids[path] : undefined
    const sidecars = sidecarsOf(path)
    const name = (idPrefixes.get(directory) ?? '') + nameOf(below, sidecars !== undefined)
    const id = (layout.idPrefix + (own ?? name)).normalize('NFC')
    const problem = promptIdProblem(id)
    if (problem !== undefined) return { directories: above, quarantined: problem }
    return {
      ...{ directories: above, id },
      ...(sidecars !== undefined && { sidecars }),
      ...(isSplit(path) && { split: true as const }),
    }
  }
}

/** A file with sidecars has the name of its folder. */
function nameOf(below: string, isFolder: boolean): string {
  const slash = below.lastIndexOf('/')
  return isFolder && slash !== -1 ? below.slice(0, slash) : below.replace(/(?<=[^/])\.[^./]+$/, '')
}

function modeProblem(mode: TreeEntry['mode']): string | undefined {
  if (mode === '120000') return 'It is a symbolic link; commit the file itself.'
  if (mode === '160000') return 'It is a submodule; add its repository as a source of its own.'
  return undefined
}

/** The error message for every file whose id has the same key as that of another one, by path. */
function duplicatesIn(files: readonly TreePromptFile[]): Map<string, string> {
  const duplicates = new Map<string, string>()
  for (const group of Map.groupBy(files, ({ id }) => promptIdKey(id)).values()) {
    if (group.length === 1) continue
    const first = group.slice(0, FEW + 1).map(({ path }) => path)
    for (const { id, path } of group) {
      const others = few(
        first.filter((other) => other !== path),
        group.length - 1,
      )
      duplicates.set(
        path,
        `Its prompt id "${id}" is also the id of ${others}; rename one of them, or set \`id:\` for one in ${LAYOUT_FILE}.`,
      )
    }
  }
  return duplicates
}

const FEW = 5

/** `count`: the total. */
function few(names: readonly string[], count = names.length): string {
  const shown = names.slice(0, FEW)
  const more = count - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
