import type { Json } from '../version.ts'

/** A front matter value that a version cannot contain. */
export class ValueFlaw extends Error {
  /** Offset in the parsed text. */
  readonly offset: number

  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** Explains why a key is refused; `undefined` if it is valid. */
export function flawOfKey(key: string): string | undefined {
  // JSON parsers drop this key or use it to set the prototype.
  if (key === '__proto__') return 'The key `__proto__` is not allowed. Rename it.'
  return flawOfText(key)
}

export function flawOfText(text: string): string | undefined {
  if (text.includes('\0')) return 'A value contains an escaped NUL character. Remove it.'
  return text.isWellFormed()
    ? undefined
    : 'A value has a lone surrogate, such as `\\ud800`. Write the whole character.'
}

/** Whether objects and arrays are nested at most `levels` deep. Looks no deeper, so that the stack cannot overflow. */
export function isWithinDepth(value: Json, levels: number): boolean {
  if (value === null || typeof value !== 'object') return true
  return levels > 0 && Object.values(value).every((inner) => isWithinDepth(inner as Json, levels - 1))
}
