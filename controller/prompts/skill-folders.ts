import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { folderPathProblem, folderSizeProblem, SKILL_FILE } from '../../api/contract/folder-files.ts'
import type { TreeEntry } from '../source/git-source.ts'
import type { FilePlace } from './file-place.ts'
import { modeProblem, type SkillFolder } from './tree.ts'

/** The skill folders of a tree. */
export interface SkillFolders {
  /** By the path of a file below a skill folder, the path of its SKILL.md. */
  readonly owners: ReadonlyMap<string, string>
  /** By the path of a SKILL.md, the other files of its folder, with their paths from the root. */
  readonly files: ReadonlyMap<string, readonly TreeEntry[]>
}

export const NO_FOLDERS: SkillFolders = { owners: new Map(), files: new Map() }

interface FolderPlaces {
  /** The directories of the layout. */
  readonly directories: readonly string[]
  readonly placeOf: (path: string) => { readonly place: FilePlace | null }
  /** By the path of a sidecar, the path of its prompt file. */
  readonly sidecars: ReadonlyMap<string, string>
}

/**
 * The files of each folder with a SKILL.md, except those that the layout excludes. A folder within another one has its
 * own. A directory of the layout is not one: its other files are prompts.
 */
export function skillFoldersIn(entries: readonly TreeEntry[], places: FolderPlaces): SkillFolders {
  const { directories, placeOf, sidecars } = places
  const ends = new Set(directories)
  const skills = new Map<string, string>()
  for (const { path } of entries) {
    const folder = posix.dirname(path)
    if (posix.basename(path) !== SKILL_FILE || ends.has(folder) || folder === '.') continue
    const { place } = placeOf(path)
    if (place !== null && !('ignored' in place)) skills.set(folder, path)
  }
  if (skills.size === 0) return NO_FOLDERS
  const ownerOf = ownersBy(skills, ends)
  const owners = new Map<string, string>()
  const files = new Map<string, TreeEntry[]>()
  for (const entry of entries) {
    const { path } = entry
    const owner = ownerOf(path)
    if (owner === undefined || owner === path || sidecars.get(path) === owner) continue
    const { place } = placeOf(path)
    if (place !== null && 'ignored' in place && place.excluded === true) continue
    owners.set(path, owner)
    const others = files.get(owner)
    if (others === undefined) files.set(owner, [entry])
    else others.push(entry)
  }
  return { owners, files }
}

/** The SKILL.md of the nearest folder above a path. Each folder is looked at once: paths may be deep. */
function ownersBy(skills: ReadonlyMap<string, string>, ends: ReadonlySet<string>) {
  const known = new Map<string, string | undefined>()
  const ofFolder = (folder: string): string | undefined => {
    if (folder === '.' || ends.has(folder)) return undefined
    if (!known.has(folder)) known.set(folder, skills.get(folder) ?? ofFolder(posix.dirname(folder)))
    return known.get(folder)
  }
  return (path: string) => ofFolder(posix.dirname(path))
}

/** The other files of a skill folder; absent if there are none. */
export function folderOf(
  skill: string,
  entries: readonly TreeEntry[] = [],
): { readonly folder?: SkillFolder } {
  if (entries.length === 0) return {}
  const files = entries.map(({ path, oid }) => ({
    path: posix.relative(posix.dirname(skill), path),
    blob: oid,
  }))
  const key = createHash('sha256').update(JSON.stringify(files)).digest('hex')
  return { folder: { files, key } }
}

/** Why the other files of a folder cannot be kept, as an error message; `undefined` if they can. */
export function folderProblem(skill: string, entries: readonly TreeEntry[] = []): string | undefined {
  if (entries.length === 0) return undefined
  const tooMany = folderSizeProblem(entries.map(() => ({ bytes: 0 })))
  if (tooMany !== undefined) return `${tooMany} Exclude some of them, or move them out of the folder.`
  for (const { path, mode } of entries) {
    if (modeProblem(mode) !== undefined) {
      const kind = mode === '120000' ? 'a symbolic link' : 'a submodule'
      return `${path} in its folder is ${kind}. Commit the files themselves, or exclude it.`
    }
    const problem = folderPathProblem(posix.relative(posix.dirname(skill), path))
    if (problem !== undefined) return `${path} in its folder cannot be kept: ${problem}. Rename it.`
  }
  return undefined
}
