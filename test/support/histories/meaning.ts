import type { Commit, Tag } from './history.ts'
import { type FileText, type TextVersion, textOf } from './texts.ts'

/** The meaning of commits and tags under the default layout and patterns, independent of the controller's code. */

type Tree = Pick<Commit, 'files' | 'layout'>

interface PromptFile {
  readonly path: string
  readonly text: FileText
}

/** The folder of the prompts at a commit, from its own layout file. */
export function directoryOf({ layout }: Pick<Commit, 'layout'>): string {
  return layout === 'in texts' ? 'texts' : 'prompts'
}

/** All files in the place of a prompt, by prompt id. */
export function filesOf(commit: Tree): ReadonlyMap<string, readonly PromptFile[]> {
  const directory = directoryOf(commit)
  const placed = [...commit.files].flatMap(([path, text]) => {
    const { folder, id } = /^(?<folder>\w+)\/(?<id>[A-Za-z0-9./-]+)\.(txt|md)$/.exec(path)?.groups ?? {}
    return id === undefined || folder !== directory ? [] : [{ id, path, text: textOf(text) }]
  })
  return Map.groupBy(placed, ({ id }) => id)
}

/** Paths of files in the place of a prompt whose name is not a valid prompt id. */
export function misnamedPaths(commit: Tree): string[] {
  const directory = directoryOf(commit)
  return [...commit.files.keys()].filter((path) => path.startsWith(`${directory}/`) && path.includes(':'))
}

/** The prompts of a commit, by id. If two files have the same id, neither is a prompt. */
export function promptsOf(commit: Tree): ReadonlyMap<string, FileText> {
  return new Map(
    [...filesOf(commit)].flatMap(([id, [file, ...others]]) =>
      file === undefined || others.length > 0 ? [] : [[id, file.text] as const],
    ),
  )
}

/** Paths of files in the place of a prompt that cannot become a version. */
export function brokenPaths(commit: Tree): string[] {
  return [...filesOf(commit).values()]
    .flatMap((files) => (files.length > 1 ? files : files.filter(({ text }) => text.version === null)))
    .map(({ path }) => path)
    .sort()
}

/** The versions that a tag releases at a commit, by prompt id; `null` if the file cannot become one. */
export function coveredBy(tag: Omit<Tag, 'at'>, at: Commit): ReadonlyMap<string, TextVersion | null> {
  if (tag.release === null) return new Map()
  const covered = [...promptsOf(at)].filter(([id]) => tag.of === null || tag.of === id)
  return new Map(covered.map(([id, text]) => [id, text.version]))
}

/** Whether a tag can count at a commit: a tag of a missing prompt releases nothing. */
export function canCount(tag: Tag): boolean {
  return tag.release !== null && (tag.of === null || promptsOf(tag.at).has(tag.of))
}
