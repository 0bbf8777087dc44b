import { parse as parseToml, TomlDate, TomlError } from 'smol-toml'
import { LIMITS } from '../limits.ts'
import type { Json } from '../version.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import { linesOf, lineText } from './lines.ts'
import { flawOfKey, flawOfText } from './value-flaw.ts'
import { type Mapping, readYamlMapping } from './yaml-mapping.ts'

interface Flaw {
  readonly flaw: string
}

/**
 * Parses a whole file as JSON, TOML or YAML. The text decides which: JSON parses as JSON, and a line of TOML with
 * `key =` or `[table]`. Takes time proportional to the length.
 */
export function parseDocument(text: string): Mapping | Flaw {
  const bytes = Buffer.byteLength(text)
  if (bytes > LIMITS.documentBytes) {
    return { flaw: `The document has ${bytes} bytes; at most ${LIMITS.documentBytes} are read. Split it.` }
  }
  const first = firstWords(text)
  const json = /^[{[]/.test(first) ? fromJson(text) : undefined
  if (json !== undefined) return json
  return isToml(first) ? fromToml(text) : fromYaml(text)
}

function firstWords(text: string): string {
  for (const line of linesOf(text)) {
    const words = lineText(text, line).trim()
    if (words !== '' && !words.startsWith('#')) return words
  }
  return ''
}

const LONGEST_TOML_KEY = 200

function isToml(words: string): boolean {
  const start = words.slice(0, LONGEST_TOML_KEY)
  return /^\[{1,2}[\w."' -]+\]{1,2}\s*(?:#.*)?$/.test(start) || /^[\w."'-]+\s*=/.test(start)
}

/** `undefined` if the text is not JSON, as YAML in braces may be. */
function fromJson(text: string): Mapping | Flaw | undefined {
  try {
    return checked(JSON.parse(text.replace(/^\uFEFF/, '')) as unknown)
  } catch {
    return undefined
  }
}

function fromToml(text: string): Mapping | Flaw {
  try {
    const source = text.replace(/^\uFEFF/, '')
    return checked(parseToml(source, { maxDepth: LIMITS.jsonDepth, integersAsBigInt: 'asNeeded' }))
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [reason = ''] = error.message.replace('Invalid TOML document: ', '').split('\n', 1)
    return { flaw: `Line ${error.line}: The document is not valid TOML here: ${reason}. Correct it.` }
  }
}

/** A byte order mark is no part of YAML's first key. */
function fromYaml(text: string): Mapping | Flaw {
  const mapping = readYamlMapping(text.replace(/^\uFEFF/, ''), 0)
  if (!('code' in mapping)) return mapping
  const message = mapping.message.replaceAll('front matter', 'document')
  return { flaw: mapping.line === undefined ? message : `Line ${mapping.line}: ${message}` }
}

class ValueProblem extends Error {}

function checked(value: unknown): Mapping | Flaw {
  try {
    const json = toJson(value, 0)
    if (!isJsonObject(json))
      return { flaw: 'The document is not a mapping. Write `key: value` on each line.' }
    const entries = new Map(Object.entries(json).map(([key, one]) => [key, { value: one, offset: 0 }]))
    return { entries, changes: [], lineOf: () => 1 }
  } catch (error) {
    if (error instanceof ValueProblem) return { flaw: error.message }
    throw error
  }
}

/** Dates and numbers that JSON does not have become text. */
function toJson(value: unknown, depth: number): Json {
  if (depth > LIMITS.jsonDepth)
    throw new ValueProblem(`The document is nested deeper than ${LIMITS.jsonDepth} levels. Flatten it.`)
  if (typeof value === 'string') {
    const flaw = flawOfText(value)
    if (flaw !== undefined) throw new ValueProblem(flaw)
    return value
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'boolean' || value === null) return value
  if (value instanceof TomlDate) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1))
  if (typeof value === 'object') return toJsonObject(value, depth)
  return null
}

function toJsonObject(value: object, depth: number): JsonObject {
  const entries = Object.entries(value).map(([key, inner]) => {
    const flaw = flawOfKey(key)
    if (flaw !== undefined) throw new ValueProblem(flaw)
    return [key, toJson(inner, depth + 1)] as const
  })
  return Object.fromEntries(entries)
}
