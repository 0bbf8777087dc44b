import { posix } from 'node:path'

/** Where a repository seems to keep its prompts. */
export interface DetectedLayout {
  readonly directories: readonly string[]
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Number of prompt files by extension, most frequent first. */
  readonly formats: readonly (readonly [extension: string, count: number])[]
  /** Why these directories, as a clause. */
  readonly reason: string
}

/** Extensions that only prompts and prose have, by how likely a file is a prompt. */
const EXTENSIONS = [
  '.prompt',
  '.prompty',
  '.md',
  '.txt',
  '.j2',
  '.jinja',
  '.jinja2',
  '.hbs',
  '.mustache',
  '.liquid',
]
/** Names of folders that hold prompts in most repositories. */
const FOLDERS = /^(\.?prompts?|(system|agent|llm)[_-]?prompts?|prompt[_-]?(templates|library))$/i
const ABOUT = /(^|\/)(readme|changelog|contributing|license|code_of_conduct|security|claude|agents)(\.\w+)?$/i
const NOT_PROMPTS = /(^|\/)(node_modules|vendor|dist|build|docs?|tests?|__tests__|\.github|\.git)\//i
/** More would be a list of files, not a layout. */
const MOST_DIRECTORIES = 10

/** Finds the directories and formats of prompts among the paths of a tree. `null` if there are none. Pure. */
export function detectLayout(paths: readonly string[]): DetectedLayout | null {
  const files = paths.filter((path) => isPromptLike(path))
  const named = topmost(unique(files.flatMap((path) => namedFolder(path) ?? [])))
  if (named.length > 0 && named.length <= MOST_DIRECTORIES)
    return layoutOf(
      named,
      paths,
      `${named.length === 1 ? 'its name is' : 'their names are'} usual for prompts`,
    )
  const others = files.filter((path) => !NOT_PROMPTS.test(`${path}`) && !ABOUT.test(path))
  if (others.length === 0) return null
  const folders = topmost(unique(others.map((path) => path.split('/').slice(0, -1)[0] ?? '.')))
  const directories = folders.includes('.') || folders.length > MOST_DIRECTORIES ? ['.'] : folders
  return layoutOf(directories, paths, 'no folder is named after prompts, and these have text files')
}

function layoutOf(directories: readonly string[], paths: readonly string[], reason: string): DetectedLayout {
  const below = paths.filter((path) => directories.some((one) => one === '.' || path.startsWith(`${one}/`)))
  const prompts = below.filter((path) => isPromptLike(path) && !ABOUT.test(path))
  const byExtension = Map.groupBy(prompts, (path) => posix.extname(path).toLowerCase())
  const formats = [...byExtension]
    .map(([extension, found]) => [extension, found.length] as const)
    .sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
  const about = unique(
    below.filter((path) => isPromptLike(path) && ABOUT.test(path)).map((path) => posix.basename(path)),
  )
  return {
    directories,
    include: formats.map(([extension]) => `**/*${extension}`),
    exclude: unique(['README.md', ...about]).map((name) => `**/${name}`),
    formats,
    reason,
  }
}

function isPromptLike(path: string): boolean {
  return EXTENSIONS.includes(posix.extname(path).toLowerCase())
}

/** The first folder on the way to a file that is named after prompts. */
function namedFolder(path: string): string | undefined {
  const segments = path.split('/').slice(0, -1)
  const index = segments.findIndex((segment) => FOLDERS.test(segment))
  const folder = segments.slice(0, index + 1).join('/')
  return index === -1 || NOT_PROMPTS.test(`${folder}/`.replace(/^\.github\/prompts/, '')) ? undefined : folder
}

function topmost(folders: readonly string[]): string[] {
  return folders
    .filter((one) => !folders.some((other) => one !== other && one.startsWith(`${other}/`)))
    .toSorted()
}

function unique<T>(all: readonly T[]): T[] {
  return [...new Set(all)]
}
