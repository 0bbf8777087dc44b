import { z } from 'zod'
import { LIMITS } from '../../api/contract/limits.ts'
import { promptIdKey, promptIdProblem } from '../../api/contract/prompt-id.ts'
import { FORMATS } from '../../api/contract/reading/format.ts'
import { TEMPLATE_LANGUAGES } from '../../api/contract/reading/template-language.ts'
import { checked } from '../values/fields.ts'
import { globsProblem, isGlob } from '../values/glob.ts'
import { readYaml } from '../values/yaml-document.ts'
import type { Layout, Move } from './layout-fields.ts'
import { layoutFields } from './layout-fields.ts'

/**
 * The file in which a team describes the layout of its repository. Read from the tracked branch for drafts, and
 * from a release tag's own commit for that release.
 */
export const LAYOUT_FILE = '.promptctl.yaml'

/** Bounds the cost: each file is compared with each directory, in every tree. */
const MOST_DIRECTORIES = 100
/** Every folder on the way to a directory is kept by its whole path. Prompt ids have 200 characters. */
const MOST_DIRECTORY_CHARACTERS = 1024
/** Limits fields that a repository sets. The platform's own fields need no such limits. */
const bounded = <Entry, Field extends z.ZodType<Entry[]>>(
  field: Field & z.ZodType<Entry[]>,
  problem: (entries: readonly Entry[]) => string | undefined,
) =>
  field.superRefine((entries, context) => {
    const message = problem(entries)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

function directoriesProblem(directories: Layout['directories']): string | undefined {
  const { length } = directories
  if (length > MOST_DIRECTORIES)
    return `There are ${length} directories; at most ${MOST_DIRECTORIES} are allowed. Use a common parent directory.`
  const paths = directories.map((one) => (typeof one === 'string' ? one : one.path))
  const long = paths.find((one) => one.length > MOST_DIRECTORY_CHARACTERS)
  if (long === undefined) return undefined
  return `The directory "${long.slice(0, 40)}…" has ${long.length} characters; at most ${MOST_DIRECTORY_CHARACTERS} are allowed.`
}

const PromptAdditions = z.strictObject({
  description: z
    .string()
    .refine((text) => Buffer.byteLength(text, 'utf8') <= LIMITS.descriptionBytes, {
      message: `has more than ${LIMITS.descriptionBytes} bytes`,
    })
    .optional(),
  tags: z.array(z.string().min(1).max(LIMITS.tagCharacters)).max(LIMITS.tags).optional(),
  id: z
    .string()
    .superRefine((id, context) => {
      const message = promptIdProblem(id)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .optional()
    .describe('Prompt id of the file, below the prefix of the source. Only for a path.'),
  format: z.enum(FORMATS).optional().describe('How the file is read. Default: by its extension and content.'),
  templateLanguage: z
    .enum(TEMPLATE_LANGUAGES)
    .optional()
    .describe('How placeholders are written. Default: by the file and its extension.'),
  sidecar: z
    .array(checked(fileNameProblem))
    .min(1)
    .max(LIMITS.sidecars)
    .optional()
    .describe(
      'Names of files beside it that belong to the prompt, such as config.json. Only for a path or a glob.',
    ),
  split: z
    .boolean()
    .optional()
    .describe(
      'Make each top-level key of a YAML mapping a prompt below the id of its file. Only for a path or a glob.',
    ),
})

function fileNameProblem(name: string): string | undefined {
  if (/^(?!\.{1,2}$)[^/\\\0]{1,200}$/.test(name)) return undefined
  return `"${name}" is not the name of a file in the same folder. Write a name such as "config.json".`
}

/** Each file is compared with every glob. */
const MOST_GLOBS = 20

function promptsProblem(prompts: Readonly<Record<string, { readonly id?: string | undefined }>>) {
  const globs = Object.keys(prompts).filter(isGlob)
  if (globs.length > MOST_GLOBS) return `There are ${globs.length} globs; at most ${MOST_GLOBS} are allowed.`
  const named = globs.find((glob) => prompts[glob]?.id !== undefined)
  if (named !== undefined) return `"${named}" is a glob, so it cannot have an id. Name the file by its path.`
  return globsProblem(globs)
}

const movedId = checked(promptIdProblem)

function movedProblem(moved: readonly Move[]): string | undefined {
  const self = moved.find(({ from, to }) => promptIdKey(from) === promptIdKey(to))
  if (self !== undefined)
    return `"${self.from}" moves to itself. A prompt that is renamed by case alone keeps its id.`
  const [twice] = [...Map.groupBy(moved, ({ from }) => promptIdKey(from)).values()].filter(
    ({ length }) => length > 1,
  )
  return twice === undefined ? undefined : `"${twice[0]?.from}" moves twice. Keep one of the entries.`
}

/** Only fields that are safe to leave to the repository. The platform decides everything else. */
export const RepositoryLayoutSchema = z.strictObject({
  directories: bounded(layoutFields.directories, directoriesProblem).optional(),
  include: bounded(layoutFields.include, globsProblem).optional(),
  exclude: bounded(layoutFields.exclude, globsProblem).optional(),
  frontMatter: z
    .boolean()
    .optional()
    .describe('Read front matter from prompt files. If false, the whole file is content. Default: true.'),
  prompts: z
    .record(z.string().min(1), PromptAdditions)
    .superRefine((prompts, context) => {
      const message = promptsProblem(prompts)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .optional()
    .describe('What to add to prompts, by prompt id, path from the root, or glob of paths.'),
  moved: z
    .array(z.strictObject({ from: movedId, to: movedId }))
    .superRefine((moved, context) => {
      const message = movedProblem(moved)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .optional()
    .describe(
      'Prompts that have another id now, by the old and the new one. Needed only if the text changed too.',
    ),
})

export type RepositoryLayout = z.output<typeof RepositoryLayoutSchema>

/** Throws `ConfigError`. */
export function parseRepositoryLayout(text: string): RepositoryLayout {
  return readYaml(text, RepositoryLayoutSchema, LAYOUT_FILE)
}
