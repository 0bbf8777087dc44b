import type { RawAnswer } from './answer.ts'

/** Of names and values in one list. A name that comes more than once has all its values, as in `fetch`. */
export function mergedHeaders(raw: readonly (string | Buffer)[]): RawAnswer['headers'] {
  const headers: Record<string, string> = Object.create(null)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = textOf(raw[at]).toLowerCase()
    const value = textOf(raw[at + 1])
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}

function textOf(part: string | Buffer = ''): string {
  return typeof part === 'string' ? part : part.toString('latin1')
}
