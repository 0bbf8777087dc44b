import { LIMITS } from '../limits.ts'
import type { Json } from '../version.ts'

/** The value of a field, with a message if it differs from the file; or the reason it is invalid. */
export type Field<T> = { readonly value: T; readonly change?: string } | { readonly problem: string }

/** Reads a description as text. Joins a list with line feeds. */
export function readDescription(value: Json): Field<string | null> {
  if (value === null) return { value }
  if (isScalar(value)) return limited(String(value))
  if (!Array.isArray(value) || !value.every(isScalarOrNull)) {
    return { problem: 'The description is a mapping. Write it as text, in quotes if it has braces.' }
  }
  const lines = value.filter((line) => line !== null).map(String)
  return limited(lines.join('\n'), 'The list was joined into one description, an item per line.')
}

/** Reads a list of tags. Splits text at commas, and takes the keys of a mapping without values. */
export function readTags(value: Json): Field<readonly string[]> {
  if (value === null) return { value: [] }
  if (isScalar(value)) {
    const tags = String(value)
      .split(',')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '')
    return checkedTags(tags, 'The text was split at commas into a list of tags.')
  }
  if (Array.isArray(value)) {
    if (value.every(isScalarOrNull)) return checkedTags(value.map((tag) => String(tag ?? '')))
    return { problem: 'A tag is not text. Write tags as a list, such as `[billing, refunds]`.' }
  }
  if (Object.values(value).every((inner) => inner === null)) {
    return checkedTags(Object.keys(value), 'The keys were read as a list of tags.')
  }
  return { problem: 'The tags are a mapping. Write a list, such as `[billing, refunds]`.' }
}

/** Reads `config` or `variables`: any JSON up to `LIMITS.configBytes`. */
export function readJson(name: string, value: Json): Field<Json> {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= LIMITS.configBytes) return { value }
  const most = LIMITS.configBytes
  return {
    problem: `${name} in the front matter has ${bytes} bytes as JSON; at most ${most} are allowed. Shorten it.`,
  }
}

function limited(description: string, change?: string): Field<string> {
  const bytes = Buffer.byteLength(description)
  if (bytes > LIMITS.descriptionBytes) {
    return {
      problem: `The description has ${bytes} bytes; at most ${LIMITS.descriptionBytes} are allowed. Shorten it.`,
    }
  }
  return change === undefined ? { value: description } : { value: description, change }
}

function checkedTags(tags: readonly string[], change?: string): Field<readonly string[]> {
  if (tags.length > LIMITS.tags) {
    return { problem: `There are ${tags.length} tags; at most ${LIMITS.tags} are allowed. Remove some.` }
  }
  if (tags.includes('')) return { problem: 'A tag is empty. Remove it.' }
  if (tags.some((tag) => tag.length > LIMITS.tagCharacters)) {
    return { problem: `A tag has more than ${LIMITS.tagCharacters} characters. Shorten it.` }
  }
  return change === undefined ? { value: tags } : { value: tags, change }
}

function isScalar(value: Json): value is string | number | boolean {
  return value !== null && typeof value !== 'object'
}

function isScalarOrNull(value: Json): value is string | number | boolean | null {
  return value === null || isScalar(value)
}
