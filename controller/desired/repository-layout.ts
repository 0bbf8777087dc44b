import { z } from 'zod'
import { LIMITS } from '../../api/contract/limits.ts'
import type { SourceConfig } from '../config.ts'
import { layoutFields } from '../configuration/fields.ts'
import { ConfigError, readYaml } from '../configuration/yaml-document.ts'
import type { Layout } from '../desired.ts'
import type { GitSnapshot, Oid, TreeEntry } from '../source/git-source.ts'
import { unlessMissing } from './prompt-facts.ts'

/** Where a domain team says how its own repository is laid out. Only the tracked branch's is read. */
export const LAYOUT_FILE = '.promptctl.yaml'

const MOST_BYTES = 64 * 1024

const Words = z.strictObject({
  description: z
    .string()
    .refine((text) => Buffer.byteLength(text, 'utf8') <= LIMITS.descriptionBytes, {
      message: `has more than ${LIMITS.descriptionBytes} bytes`,
    })
    .optional(),
  tags: z.array(z.string().min(1).max(LIMITS.tagCharacters)).max(LIMITS.tags).optional(),
})

/** Nothing in it grants power: what is not here is the platform's to say. */
export const RepositoryLayoutSchema = z.strictObject({
  directories: layoutFields.directories.optional(),
  include: layoutFields.include.optional(),
  exclude: layoutFields.exclude.optional(),
  frontMatter: z
    .boolean()
    .optional()
    .describe('Whether prompt files may begin with front matter; else all of a file is content.'),
  prompts: z
    .record(z.string().min(1), Words)
    .optional()
    .describe('By prompt id or path, what is said of prompts whose files do not say it themselves.'),
})

export type RepositoryLayout = z.output<typeof RepositoryLayoutSchema>
export type Words = z.output<typeof Words>

/** How the trees of a source are read. */
export interface LayoutInForce {
  readonly layout: Layout
  readonly frontMatter: boolean
  readonly wordsFor: (id: string, path: string) => Words | undefined
  /** The names that it has words for and that are no file of a tree, whose ids are given by path. */
  readonly unknownNames: (ids: ReadonlyMap<string, string>) => readonly string[]
  /** Where it was read; `null` where it is the platform's alone. */
  readonly from: { readonly commit: Oid; readonly blob: Oid } | null
  /** What is wrong with the branch's file, as a sentence that also says what is in force instead. */
  readonly problem: string | null
}

/** Throws `ConfigError`. */
export function parseRepositoryLayout(text: string): RepositoryLayout {
  return readYaml(text, RepositoryLayoutSchema, LAYOUT_FILE)
}

/** The source's own layout, as the repository's refines it: each key that it has replaces the source's. */
export function refine(
  source: SourceConfig,
  refinement: RepositoryLayout,
  from: LayoutInForce['from'],
  problem: string | null = null,
): LayoutInForce {
  const { directories, include, exclude, idPrefix } = source
  const { frontMatter = true, prompts = {} } = refinement
  const words = new Map(Object.entries(prompts))
  const withoutPrefix = (id: string) => (id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id)
  return {
    layout: {
      directories: refinement.directories ?? directories,
      include: refinement.include ?? include,
      exclude: refinement.exclude ?? exclude,
      idPrefix,
    },
    frontMatter,
    wordsFor: (id, path) => words.get(path) ?? words.get(id) ?? words.get(withoutPrefix(id)),
    unknownNames: (ids) => {
      if (words.size === 0) return []
      const known = new Set([...ids].flatMap(([path, id]) => [path, id, withoutPrefix(id)]))
      return [...words.keys()].filter((name) => !known.has(name))
    },
    from,
    problem,
  }
}

export interface LayoutInput {
  readonly source: SourceConfig
  readonly snapshot: GitSnapshot
  /** The commit of the branch, and what it has. */
  readonly commit: Oid
  readonly entries: readonly TreeEntry[]
  /** The last one that was right. */
  readonly remembered: LayoutInForce['from']
}

/** The layout that is in force at a commit of the branch: its own; where that is wrong, the last that was right. */
export async function readLayout(input: LayoutInput): Promise<LayoutInForce> {
  const { source, snapshot, commit, entries, remembered } = input
  const entry = source.repositoryLayout ? entries.find(({ path }) => path === LAYOUT_FILE) : undefined
  if (entry === undefined) return refine(source, {}, null)
  const read = entry.mode.startsWith('100')
    ? await readBlob(snapshot, entry.oid)
    : `${LAYOUT_FILE} is no file; commit the file itself.`
  if (typeof read !== 'string') return refine(source, read, { commit, blob: entry.oid })
  const last = remembered === null ? null : await unlessMissing(readBlob(snapshot, remembered.blob))
  if (remembered === null || last === null || typeof last === 'string')
    return refine(source, {}, null, `${read} The platform's layout is in force.`)
  return refine(
    source,
    last,
    remembered,
    `${read} What it said at ${remembered.commit.slice(0, 12)} stays in force.`,
  )
}

/** The layout in a blob, or what is wrong with it, as a sentence. */
async function readBlob(snapshot: GitSnapshot, oid: Oid): Promise<RepositoryLayout | string> {
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
    if (error instanceof TypeError) return `${LAYOUT_FILE} is not valid UTF-8; save it as UTF-8.`
    throw error
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** What a domain team reads where its file speaks of a prompt that there is not. */
export function unknownName(name: string): string {
  return `${LAYOUT_FILE} speaks of "${name}", and no prompt of the branch has this id or path; correct it, or take it out.`
}
