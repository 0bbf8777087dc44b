import { parseDocument } from 'yaml'
import { LIMITS } from '../../api/contract/limits.ts'
import { identityLabel, type Json, versionIdentity } from '../../api/contract/version.ts'

/** A prompt file taken apart: front matter and content. */
export interface PromptText {
  readonly content: string
  readonly variables: Json | null
  readonly config: Json | null
  readonly description: string | null
  readonly tags: readonly string[]
  /** The label that this text has everywhere. */
  readonly label: string
}

/** Bytes that a file may have: content, and front matter around it. */
export const MOST_FILE_BYTES = LIMITS.contentBytes + 64 * 1024

const LFS_POINTER = 'version https://git-lfs.github.com/spec/'
/** Lines end as in YAML and in editors: the `m` flag would know more line ends, and cut the content at one. */
const FRONT_MATTER = /^\uFEFF?---[ \t]*\r?\n(?<yaml>(?:[^\n]*\n)*?)---[ \t]*(?:\r?\n|$)/

/** A blob as a snapshot gives it, with at most `MOST_FILE_BYTES`. */
type FileBlob = { readonly bytes: Uint8Array } | { readonly tooLarge: number }

/** The prompt in a file of a repository, or why there is none, as a sentence. */
export function readPromptBlob(
  blob: FileBlob,
  options: { readonly frontMatter: boolean },
): PromptText | { readonly problem: string } {
  if ('bytes' in blob) return readPromptText(blob.bytes, options)
  return { problem: `It has ${blob.tooLarge} bytes; a prompt file has at most ${MOST_FILE_BYTES}.` }
}

/**
 * Takes a file apart, or says in a sentence why it cannot become a version. Without front matter the whole file is
 * content.
 */
export function readPromptText(
  bytes: Uint8Array,
  { frontMatter = true } = {},
): PromptText | { readonly problem: string } {
  const text = decode(bytes)
  if (text === undefined) return { problem: 'It is not valid UTF-8; save it as UTF-8.' }
  if (text.includes('\0')) return { problem: 'It has a NUL character; it looks like a binary file.' }
  if (text.startsWith(LFS_POINTER)) return { problem: 'It is a Git LFS pointer; commit the text itself.' }
  try {
    return assemble(frontMatter ? splitFrontMatter(text) : { matter: {}, content: text })
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message }
    throw error
  }
}

class Refused extends Error {}

function assemble({ matter, content }: ReturnType<typeof splitFrontMatter>): PromptText {
  if (content === '') throw new Refused('It is empty; a prompt needs a text.')
  limit('content', content, LIMITS.contentBytes)
  const { description = null, tags = [], variables = null, ...rest } = matter
  const config = Object.keys(rest).length === 0 ? null : rest
  if (config !== null) limit('config in the front matter', JSON.stringify(config), LIMITS.configBytes)
  if (variables !== null)
    limit('variables in the front matter', JSON.stringify(variables), LIMITS.configBytes)
  return {
    content,
    variables,
    config,
    description: checkedDescription(description),
    tags: checkedTags(tags),
    label: identityLabel(versionIdentity({ content, variables, config })),
  }
}

/**
 * Front matter is a mapping between two `---` lines at the start; anything else there is content. The byte order mark
 * that some editors put before it is none.
 */
function splitFrontMatter(text: string): { matter: Record<string, Json>; content: string } {
  const match = FRONT_MATTER.exec(text)
  if (match === null) return { matter: {}, content: text }
  const matter = parseMatter(match.groups?.yaml ?? '')
  return matter === null ? { matter: {}, content: text } : { matter, content: text.slice(match[0].length) }
}

function parseMatter(yaml: string): Record<string, Json> | null {
  const document = parseDocument(yaml, { stringKeys: true })
  const [flaw] = document.errors
  if (flaw !== undefined)
    throw new Refused(
      `Its front matter is not valid YAML: ${flaw.message.split('\n')[0]?.replace(/:$/, '')}.`,
    )
  const value = plainValue(document)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  const problem = jsonProblem(value)
  if (problem !== undefined) throw new Refused(`Its front matter has ${problem}.`)
  return value as Record<string, Json>
}

function plainValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    throw new Refused(
      'Its front matter has YAML aliases that multiply or lead nowhere; write the values out.',
    )
  }
}

/** What about a value the registry would not take as it is; completes "It has". */
function jsonProblem(value: unknown, depth = 1): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return textProblem(value)
  if (typeof value !== 'object')
    return Number.isFinite(value)
      ? undefined
      : 'a value that JSON cannot hold, such as .nan; write it as a text'
  if (depth > LIMITS.jsonDepth) return `values that are nested deeper than ${LIMITS.jsonDepth} levels`
  // Parsers of JSON drop this key or mistake it for another, each in its way.
  if (Object.hasOwn(value, '__proto__')) return 'the key "__proto__", which is not allowed'
  for (const [key, inner] of Object.entries(value)) {
    const problem = textProblem(key) ?? jsonProblem(inner, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'a NUL character; leave it out'
  return text.isWellFormed()
    ? undefined
    : 'a text with half a character, which JSON cannot hold; write it whole'
}

function checkedDescription(value: Json): string | null {
  if (value !== null && typeof value !== 'string')
    throw new Refused('The description in its front matter must be a text.')
  if (value !== null) limit('description in the front matter', value, LIMITS.descriptionBytes)
  return value
}

function checkedTags(value: Json): string[] {
  const tags = value ?? []
  const isTag = (tag: unknown) =>
    typeof tag === 'string' && tag.length > 0 && tag.length <= LIMITS.tagCharacters
  if (!Array.isArray(tags) || !tags.every(isTag) || tags.length > LIMITS.tags) {
    throw new Refused(
      `The tags in its front matter must be a list of at most ${LIMITS.tags} texts of 1 to ${LIMITS.tagCharacters} characters.`,
    )
  }
  return tags as string[]
}

function limit(what: string, text: string, most: number): void {
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > most) throw new Refused(`Its ${what} has ${bytes} bytes; at most ${most} are allowed.`)
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
