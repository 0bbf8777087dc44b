import { posix } from 'node:path'
import { z } from 'zod'
import { checked } from '../values/fields.ts'
import { globProblem } from '../values/glob.ts'

const glob = checked(globProblem).min(1)

/** Files that are prompts by their names. YAML, JSON and TOML have many other uses. */
export const DEFAULT_INCLUDE = [
  ...['**/*.txt', '**/*.md', '**/*.mdc', '**/*.prompt', '**/*.prompty', '**/*.j2', '**/*.liquid', '**/*.hbs'],
  ...['**/*.prompt.yml', '**/*.prompt.yaml', '**/*.prompt.json'],
] as const

/** The fields that both the platform and a repository may set. */
export const layoutFields = {
  directories: z.array(checked(directoryProblem)).min(1).describe('Directories with prompts, from the root.'),
  include: z.array(glob).min(1).describe('Globs of prompt files, below a directory.'),
  exclude: z.array(glob).describe('Globs of files to exclude, below a directory.'),
}

function directoryProblem(directory: string): string | undefined {
  if (directory !== '' && !/^\/|^\.\.(\/|$)/.test(posix.normalize(directory))) return undefined
  return `"${directory}" is not inside the repository. Write the path from the root, such as "prompts" or ".".`
}

/** Which files of a repository are prompts. */
export interface Layout {
  /** Directories that hold prompts, from the root. */
  readonly directories: readonly string[]
  /** Globs of prompt files, below a directory. */
  readonly include: readonly string[]
  /** Globs of files to leave out, below a directory. */
  readonly exclude: readonly string[]
  /** Prefix of every prompt id. */
  readonly idPrefix: string
  /** Ids below the prefix that the repository gives to files, by path from the root. */
  readonly ids?: Readonly<Record<string, string>>
}
