import type { Commit, Tag } from './history.ts'
import { type FileText, textOf } from './texts.ts'

/** What commits and tags mean under the default layout and patterns, told without the controller's code. */

interface PromptFile {
  readonly path: string
  readonly text: FileText
}

/** Every file that has a prompt's place, by prompt id. */
export function filesOf({ files }: Pick<Commit, 'files'>): ReadonlyMap<string, readonly PromptFile[]> {
  const placed = [...files].flatMap(([path, text]) => {
    const id = /^prompts\/(?<id>[A-Za-z0-9./-]+)\.(txt|md)$/.exec(path)?.groups?.id
    return id === undefined ? [] : [{ id, path, text: textOf(text) }]
  })
  return Map.groupBy(placed, ({ id }) => id)
}

/** The prompts of a commit, by id; two files of one id are none. */
export function promptsOf(commit: Pick<Commit, 'files'>): ReadonlyMap<string, FileText> {
  return new Map(
    [...filesOf(commit)].flatMap(([id, [file, ...others]]) =>
      file === undefined || others.length > 0 ? [] : [[id, file.text] as const],
    ),
  )
}

/** Paths of files in a prompt's place that cannot become a version. */
export function brokenPaths(commit: Pick<Commit, 'files'>): string[] {
  return [...filesOf(commit).values()]
    .flatMap((files) => (files.length > 1 ? files : files.filter(({ text }) => text.version === null)))
    .map(({ path }) => path)
    .sort()
}

/** What a tag releases at a commit: by prompt id the label, `null` where the file cannot become a version. */
export function coveredBy(tag: Omit<Tag, 'at'>, at: Commit): ReadonlyMap<string, string | null> {
  if (tag.release === null) return new Map()
  const covered = [...promptsOf(at)].filter(([id]) => tag.of === null || tag.of === id)
  return new Map(covered.map(([id, text]) => [id, text.version?.label ?? null]))
}

/** Whether a tag can count at a commit: one that names a prompt which is not there releases nothing. */
export function canCount(tag: Tag): boolean {
  return tag.release !== null && (tag.of === null || promptsOf(tag.at).has(tag.of))
}
