import { posix } from 'node:path'
import { z } from 'zod'
import { promptIdProblem } from '../../api/contract/prompt-id.ts'
import { checked } from '../values/fields.ts'
import { globProblem } from '../values/glob.ts'

const glob = checked(globProblem).min(1)
const directory = checked(directoryProblem)

/** Files that are prompts by their names. YAML, JSON and TOML have many other uses. */
export const DEFAULT_INCLUDE = [
  ...['**/*.txt', '**/*.md', '**/*.mdc', '**/*.prompt', '**/*.prompty', '**/*.j2', '**/*.liquid', '**/*.hbs'],
  ...['**/*.prompt.yml', '**/*.prompt.yaml', '**/*.prompt.json'],
] as const

/** Whether a layout names the files itself that are prompts. */
export function hasOwnInclude({ include }: Pick<Layout, 'include'>): boolean {
  return include.join('\0') !== DEFAULT_INCLUDE.join('\0')
}

/** The fields that both the platform and a repository may set. */
export const layoutFields = {
  directories: z
    .array(z.union([directory, z.strictObject({ path: directory, idPrefix: checked(idPrefixProblem) })]))
    .min(1)
    .describe('Directories with prompts, from the root: a path, or a path with a prefix of its prompt ids.'),
  include: z.array(glob).min(1).describe('Globs of prompt files, below a directory.'),
  exclude: z.array(glob).describe('Globs of files to exclude, below a directory.'),
}

function directoryProblem(directory: string): string | undefined {
  if (directory !== '' && !/^\/|^\.\.(\/|$)/.test(posix.normalize(directory))) return undefined
  return `"${directory}" is not inside the repository. Write the path from the root, such as "prompts" or ".".`
}

/** Why `prefix` cannot begin a prompt id, as an error message; `undefined` if it can. */
export function idPrefixProblem(prefix: string): string | undefined {
  const problem = prefix === '' ? undefined : promptIdProblem(`${prefix}x`)
  return problem === undefined ? undefined : `"${prefix}" cannot begin a prompt id. ${problem}`
}

/** A directory whose prompts have a prefix of their own, after that of the source. */
export interface LayoutDirectory {
  readonly path: string
  readonly idPrefix: string
}

/** Which files of a repository are prompts. */
export interface Layout {
  /** Directories that hold prompts, from the root. */
  readonly directories: readonly (string | LayoutDirectory)[]
  /** Globs of prompt files, below a directory. */
  readonly include: readonly string[]
  /** Globs of files to leave out, below a directory. */
  readonly exclude: readonly string[]
  /** Prefix of every prompt id. */
  readonly idPrefix: string
  /** Ids below the prefix that the repository gives to files, by path from the root. */
  readonly ids?: Readonly<Record<string, string>>
  /** Files that belong to the prompt files beside them. */
  readonly sidecars?: readonly SidecarRule[]
  /** Paths and globs of files of which each key is a prompt. */
  readonly splits?: readonly string[]
}

export interface SidecarRule {
  /** A path from the root, or a glob of paths. */
  readonly name: string
  /** Names of files in the folder of a matching file. */
  readonly files: readonly string[]
}

/** A prompt that has another id now. */
export interface Move {
  readonly from: string
  readonly to: string
}
