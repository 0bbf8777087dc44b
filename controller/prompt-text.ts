import { parseDocument } from 'yaml'
import { LIMITS } from '../api/contract/limits.ts'
import { identityLabel, type Json, versionIdentity } from '../api/contract/version.ts'

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
const FRONT_MATTER = /^---[ \t]*\r?\n(?<yaml>[\s\S]*?)^---[ \t]*(?:\r?\n|$)/m

/** Takes a file apart, or says in a sentence why it cannot become a version. */
export function readPromptText(bytes: Uint8Array): PromptText | { readonly problem: string } {
  const text = decode(bytes)
  if (text === undefined) return { problem: 'It is not valid UTF-8; save it as UTF-8.' }
  if (text.includes('\0')) return { problem: 'It has a NUL character; it looks like a binary file.' }
  if (text.startsWith(LFS_POINTER)) return { problem: 'It is a Git LFS pointer; commit the text itself.' }
  try {
    return assemble(text)
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message }
    throw error
  }
}

class Refused extends Error {}

function assemble(text: string): PromptText {
  const { matter, content } = splitFrontMatter(text)
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

/** Front matter is a mapping between two `---` lines at the start; anything else there is content. */
function splitFrontMatter(text: string): { matter: Record<string, Json>; content: string } {
  const match = text.startsWith('---') ? FRONT_MATTER.exec(text) : null
  if (match === null || match.index !== 0) return { matter: {}, content: text }
  const matter = parseMatter(match.groups?.yaml ?? '')
  return matter === null ? { matter: {}, content: text } : { matter, content: text.slice(match[0].length) }
}

function parseMatter(yaml: string): Record<string, Json> | null {
  const document = parseDocument(yaml, { stringKeys: true })
  const [flaw] = document.errors
  if (flaw !== undefined)
    throw new Refused(`Its front matter is not valid YAML: ${flaw.message.split('\n')[0]}`)
  const value = plainValue(document)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  if (!isJson(value))
    throw new Refused('Its front matter has a value that JSON cannot hold, such as .nan; write it as text.')
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

function isJson(value: unknown, depth = 0): boolean {
  if (depth > LIMITS.jsonDepth) return false
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'boolean') return true
  if (typeof value !== 'object') return false
  return Object.entries(value).every(([key, inner]) => isJson(key) && isJson(inner, depth + 1))
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
