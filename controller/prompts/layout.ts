import { z } from 'zod'
import { LIMITS } from '../../api/contract/limits.ts'
import { promptIdProblem } from '../../api/contract/prompt-id.ts'
import { FORMATS } from '../../api/contract/reading/format.ts'
import { TEMPLATE_LANGUAGES } from '../../api/contract/reading/template-language.ts'
import type { Additions } from '../../api/contract/version.ts'
import { type GitSnapshot, SourceError, type TreeEntry } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'
import { checked } from '../values/fields.ts'
import { compileGlob, globsProblem, isGlob } from '../values/glob.ts'
import { ConfigError, readYaml } from '../values/yaml-document.ts'
import type { Layout } from './layout-fields.ts'
import { layoutFields } from './layout-fields.ts'
import { wholeOf } from './split-text.ts'

/**
 * The file in which a team describes the layout of its repository. Read from the tracked branch for drafts, and
 * from a release tag's own commit for that release.
 */
export const LAYOUT_FILE = '.promptctl.yaml'

const MOST_BYTES = 64 * 1024
/** Bounds the cost: each file is compared with each directory, in every tree. */
const MOST_DIRECTORIES = 100
/** Every folder on the way to a directory is kept by its whole path. Prompt ids have 200 characters. */
const MOST_DIRECTORY_CHARACTERS = 1024
/**
 * What a file may cost on average, for as many files as the source may have. Ten patterns such as `**\/*.md` take 1,800
 * comparisons with a path of 60 characters; twenty thousand files at this bound take half a second.
 */
const MOST_STEPS_PER_FILE = 2000

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

/** How many comparisons the patterns of a layout may take for one tree. The platform's own patterns have no bound. */
export function mostSteps({ from }: LayoutInForce, { maxFiles }: Pick<SourceLayout, 'maxFiles'>): number {
  return from === null ? Number.POSITIVE_INFINITY : MOST_STEPS_PER_FILE * maxFiles
}

const COSTLY = `The patterns of ${LAYOUT_FILE} take too many comparisons with the files of this commit. Use fewer of them, with fewer wildcards.`

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
})

/** A source's layout in the platform's configuration. */
export interface SourceLayout extends Layout {
  /** Whether to read the repository's own layout file. */
  readonly repositoryLayout: boolean
  /** How many files the directories may have together. */
  readonly maxFiles: number
}

export type RepositoryLayout = z.output<typeof RepositoryLayoutSchema>

/** How to read a tree of a source. */
export interface LayoutInForce {
  readonly layout: Layout
  readonly frontMatter: boolean
  /** What the layout adds to a prompt. Its description and tags count only if the file has none. */
  readonly additionsFor: (id: string, path: string) => Additions
  /** The names with additions that match no file of a tree. `ids`: the tree's prompt ids by path. */
  readonly unknownNames: (ids: ReadonlyMap<string, string>) => readonly string[]
  /** The commit and blob of the layout file; `null` if only the platform's layout is in force. */
  readonly from: { readonly commit: Oid; readonly blob: Oid } | null
  /** The error in the repository's file, and the layout in force instead, as a message. `null` if none. */
  readonly problem: string | null
}

/** Throws `ConfigError`. */
export function parseRepositoryLayout(text: string): RepositoryLayout {
  return readYaml(text, RepositoryLayoutSchema, LAYOUT_FILE)
}

/** The source's layout, in which each key of the repository's layout file replaces the source's. */
export function refine(
  source: SourceLayout,
  refinement: RepositoryLayout,
  from: LayoutInForce['from'],
  problem: string | null = null,
): LayoutInForce {
  const { directories, include, exclude, idPrefix } = source
  const { frontMatter = true, prompts = {} } = refinement
  const additions = new Map(
    Object.entries(prompts).map(([name, { id: _id, sidecar: _sidecar, split: _split, ...rest }]) => [
      name,
      rest,
    ]),
  )
  const sidecars = Object.entries(prompts).flatMap(([name, { sidecar }]) =>
    sidecar === undefined ? [] : [{ name, files: sidecar }],
  )
  const splits = Object.entries(prompts).flatMap(([name, { split }]) => (split === true ? [name] : []))
  const ownIds = Object.entries(prompts).flatMap(([path, { id }]) =>
    id === undefined ? [] : [[path, id] as const],
  )
  const globs = [...additions].flatMap(([name, added]) =>
    isGlob(name) ? [{ name, matches: compileGlob(name, { dot: true }), added }] : [],
  )
  const withoutPrefix = (id: string) => (id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id)
  return {
    layout: {
      directories: refinement.directories ?? directories,
      include: refinement.include ?? include,
      exclude: refinement.exclude ?? exclude,
      idPrefix,
      ...(ownIds.length > 0 && { ids: Object.fromEntries(ownIds) }),
      ...(sidecars.length > 0 && { sidecars }),
      ...(splits.length > 0 && { splits }),
    },
    frontMatter,
    additionsFor: (id, path) => ({
      ...Object.assign({}, ...globs.filter(({ matches }) => matches(path)).map(({ added }) => added)),
      ...(additions.get(path) ?? additions.get(id) ?? additions.get(withoutPrefix(id))),
    }),
    unknownNames: (ids) => {
      if (additions.size === 0) return []
      const paths = [...ids.keys()].map((path) => wholeOf(path).whole)
      const known = new Set([...paths, ...[...ids.values()].flatMap((id) => [id, withoutPrefix(id)])])
      const isUnused = (name: string) =>
        globs.every((glob) => glob.name !== name || !paths.some(glob.matches))
      return [...additions.keys()].filter((name) => !known.has(name) && isUnused(name))
    },
    from,
    problem,
  }
}

/** The layout file in a commit's entries; `undefined` if there is none or the source does not read it. */
export function layoutEntry(source: SourceLayout, entries: readonly TreeEntry[]): TreeEntry | undefined {
  return source.repositoryLayout ? entries.find(({ path }) => path === LAYOUT_FILE) : undefined
}

export interface BranchLayoutInput {
  readonly source: SourceLayout
  readonly snapshot: Pick<GitSnapshot, 'blobs'>
  /** The commit of the branch, and its entries. */
  readonly commit: Oid
  readonly entries: readonly TreeEntry[]
  /** The last valid layout file. */
  readonly remembered: LayoutInForce['from']
  /** Layout files whose patterns take too many comparisons with these entries. */
  readonly costly?: ReadonlySet<Oid>
}

/** The layout in force at a commit of the branch: its own or, if that is invalid, the last valid one. */
export async function branchLayout(input: BranchLayoutInput): Promise<LayoutInForce> {
  const { source, snapshot, commit, entries, remembered, costly = new Set() } = input
  const entry = layoutEntry(source, entries)
  if (entry === undefined) return refine(source, {}, null)
  const read = costly.has(entry.oid) ? COSTLY : await readEntry(snapshot, entry)
  if (typeof read !== 'string') return refine(source, read, { commit, blob: entry.oid })
  const isUsable = remembered !== null && !costly.has(remembered.blob)
  const last = isUsable ? await unlessMissing(readBlob(snapshot, remembered.blob)) : null
  if (remembered === null || last === null || typeof last === 'string')
    return refine(source, {}, null, `${read} The platform's layout is in force.`)
  const short = remembered.commit.slice(0, 12)
  return refine(source, last, remembered, `${read} The layout at ${short} stays in force.`)
}

/** The layout of a release tag's own commit, or the platform's if its file is invalid. */
export async function tagLayout(
  source: SourceLayout,
  snapshot: Pick<GitSnapshot, 'blobs'>,
  commit: Oid,
  entries: readonly TreeEntry[],
): Promise<LayoutInForce> {
  const entry = layoutEntry(source, entries)
  if (entry === undefined) return refine(source, {}, null)
  const read = await readEntry(snapshot, entry)
  if (typeof read !== 'string') return refine(source, read, { commit, blob: entry.oid })
  return platformLayoutAtTag(source, read)
}

/** The platform's layout for a tag whose own takes too many comparisons with its files. */
export function costlyTagLayout(source: SourceLayout): LayoutInForce {
  return platformLayoutAtTag(source, COSTLY)
}

function platformLayoutAtTag(source: SourceLayout, problem: string): LayoutInForce {
  return refine(source, {}, null, `${problem} The platform's layout is in force for this tag.`)
}

/** The layout in an entry, or an error message. */
async function readEntry(
  snapshot: Pick<GitSnapshot, 'blobs'>,
  { mode, oid }: TreeEntry,
): Promise<RepositoryLayout | string> {
  if (!mode.startsWith('100')) return `${LAYOUT_FILE} is not a regular file. Commit the file itself.`
  return await readBlob(snapshot, oid)
}

async function readBlob(snapshot: Pick<GitSnapshot, 'blobs'>, oid: Oid): Promise<RepositoryLayout | string> {
  for await (const blob of snapshot.blobs([oid], MOST_BYTES)) {
    if ('tooLarge' in blob)
      return `${LAYOUT_FILE} has ${blob.tooLarge} bytes; at most ${MOST_BYTES} are allowed.`
    return readBytes(blob.bytes)
  }
  return `${LAYOUT_FILE} cannot be read.`
}

function readBytes(bytes: Uint8Array): RepositoryLayout | string {
  try {
    return parseRepositoryLayout(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof ConfigError) return sentence(error.message)
    if (error instanceof TypeError) return `${LAYOUT_FILE} is not valid UTF-8. Save it as UTF-8.`
    throw error
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** The result, or `null` if a git object that it needs is gone. */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SourceError && error.code === 'object_missing') return null
    throw error
  }
}
