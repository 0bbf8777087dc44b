import { linesOf, lineText } from '../../api/contract/reading/lines.ts'
import { keyLine } from '../../api/contract/reading/mapping-key.ts'
import type { Oid } from '../source/oid.ts'

/** A key of a YAML mapping with its lines in the file. */
export interface TextPart {
  readonly key: string
  readonly text: string
  /** Line of the file, from 1. */
  readonly line: number
}

/**
 * Divides a YAML mapping at its top-level keys, by lines, so that an error below one key does not affect the others.
 * Comments and blank lines between two keys belong to neither.
 */
export function splitText(text: string): TextPart[] {
  const parts: { key: string; line: number; start: number; end: number }[] = []
  for (const line of linesOf(text)) {
    const words = lineText(text, line)
    const key = keyLine(words)?.key
    if (key !== undefined) parts.push({ key, line: line.number, start: line.start, end: line.next })
    else if (words.trim() !== '' && !/^(?:#|---|\.\.\.)/.test(words)) {
      const last = parts.at(-1)
      if (last !== undefined) last.end = line.next
    }
  }
  return parts.map(({ key, line, start, end }) => ({ key, line, text: text.slice(start, end) }))
}

/** No path in a tree of git has two slashes in a row. */
const SEPARATOR = '//'

/** The path, or the blob, of a key of a file. */
export function partName(of: string, key: string): string {
  return of + SEPARATOR + key
}

/** The file, or its blob, and the key, if a name is that of a part. */
export function wholeOf(name: string | Oid): { readonly whole: string; readonly key: string | undefined } {
  const at = name.indexOf(SEPARATOR)
  return at === -1
    ? { whole: name, key: undefined }
    : { whole: name.slice(0, at), key: name.slice(at + SEPARATOR.length) }
}
