import { unsafeCharacters } from './unsafe-characters.ts'

/** Controls of C0 and C1, line and paragraph separators, lone surrogates, and the byte order mark. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFEFF]/gu

export interface VisibleOptions {
  /** Keep tabs, LF and CRLF, for multi-line output. Default: false. */
  readonly keepLines?: boolean
}

/**
 * Replaces control characters and unsafe characters by their code points, such as `⟨U+202E⟩`, for terminals, logs
 * and comments. Keeps invisible characters that the text needs, such as joiners in Persian words and in emoji.
 */
export function visible(text: string, { keepLines = false }: VisibleOptions = {}): string {
  return withoutUnsafe(text).replaceAll(CONTROL, (character, index: number, all: string) => {
    const isKept = keepLines && (character === '\n' || character === '\t' || all.startsWith('\r\n', index))
    return isKept ? character : shown(character)
  })
}

function withoutUnsafe(text: string): string {
  const parts: string[] = []
  let end = 0
  for (const { index, character } of unsafeCharacters(text)) {
    parts.push(text.slice(end, index), shown(character))
    end = index + character.length
  }
  return parts.join('') + text.slice(end)
}

/** Formats a character as its code point: `⟨U+001B⟩`. */
function shown(character: string): string {
  return `⟨${codePointName(character)}⟩`
}

export function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
