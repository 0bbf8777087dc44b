import type { ErrorCode } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'

/** `config` may be nested `jsonDepth` deep, and is itself nested at most this deep in a request. */
const ENVELOPE = 4
const SHOWN_CHARACTERS = 200

export interface JsonFlaw {
  readonly code: ErrorCode
  readonly sentence: string
}

interface FlawAt {
  readonly code: ErrorCode
  readonly problem: string
  readonly path: readonly string[]
}

/** Finds why a parsed JSON value cannot be stored or walked, whatever its schema; `undefined` if it can. */
export function findFlaw(value: unknown): JsonFlaw | undefined {
  const found = search(value, LIMITS.jsonDepth + ENVELOPE)
  if (found === undefined) return undefined
  const field = found.path.join('.') || 'body'
  return { code: found.code, sentence: `${printable(field)}: ${found.problem}.` }
}

function search(value: unknown, depth: number): FlawAt | undefined {
  if (typeof value === 'string') return textFlaw(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === 0) return { code: 'invalid_request', problem: 'the JSON is nested too deeply', path: [] }
  for (const [key, inner] of Object.entries(value)) {
    const found = keyFlaw(key) ?? search(inner, depth - 1)
    if (found !== undefined) return { ...found, path: [key, ...found.path] }
  }
  return undefined
}

function textFlaw(text: string): FlawAt | undefined {
  if (!text.isWellFormed()) {
    return {
      code: 'invalid_text',
      problem: 'the text has half of a surrogate pair (\\ud800 to \\udfff)',
      path: [],
    }
  }
  if (text.includes('\0')) {
    return { code: 'invalid_text', problem: 'the text has a NUL character (\\u0000)', path: [] }
  }
  return undefined
}

function keyFlaw(key: string): FlawAt | undefined {
  // Schemas drop this key silently, because assigning it would change the object's prototype.
  if (key === '__proto__') return { code: 'invalid_request', problem: 'this key is not allowed', path: [] }
  return textFlaw(key)
}

function printable(field: string): string {
  return field.toWellFormed().replaceAll('\0', '\uFFFD').slice(0, SHOWN_CHARACTERS)
}
