import type { TreeEntry } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** A file that becomes a prompt, judging by its path. */
export interface TreePromptFile {
  readonly id: string
  readonly path: string
  readonly blob: Oid
  /** Files beside it that belong to the prompt; absent if there are none. */
  readonly sidecars?: readonly SidecarFile[]
  /** The other files of its folder, if it is a SKILL.md; absent if there are none. */
  readonly folder?: SkillFolder
  /** Each key of the file is a prompt. */
  readonly split?: true
}

export interface SidecarFile {
  readonly name: string
  readonly blob: Oid
}

export interface SkillFolder {
  /** Paths are from the folder. */
  readonly files: readonly { readonly path: string; readonly blob: Oid }[]
  /** Equal for two folders with the same files. */
  readonly key: string
}

/** Whether two files have the same path and content, with the files that belong to them. */
export function isSameFile(a: TreePromptFile, b: TreePromptFile): boolean {
  const hasSame = JSON.stringify(a.sidecars ?? []) === JSON.stringify(b.sidecars ?? [])
  return a.path === b.path && a.blob === b.blob && hasSame && a.folder?.key === b.folder?.key
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

/** Why an entry cannot be a prompt file or a sidecar, as an error message; `undefined` if it can. */
export function modeProblem(mode: TreeEntry['mode']): string | undefined {
  if (mode === '120000') return 'It is a symbolic link; commit the file itself.'
  if (mode === '160000') return 'It is a submodule; add its repository as a source of its own.'
  return undefined
}
