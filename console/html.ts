import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { unsafeCharacters } from '../api/contract/unsafe-characters.ts'
import { codePointName } from '../api/contract/visible-text.ts'

export { html, raw }

/** Escaped HTML. Strings in `html` templates are escaped, so a value of this type is always safe to send. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export const EMPTY: Html = html``

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFEFF]/gu
/** A superset of all characters that need a mark, as a quick check. */
const SUSPECT = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\uFEFF\uFFF9-\uFFFB]/u

/**
 * Text from a repository or a caller. Marks controls, invisible and bidirectional characters by their code points,
 * and isolates the direction of the text from its surroundings. Keeps tabs.
 */
export function shown(text: string): Html {
  return html`<bdi>${marked(text)}</bdi>`
}

/** Like `shown`, for text inside an element that isolates the direction itself. */
export function marked(text: string): Html {
  if (!SUSPECT.test(text)) return html`${text}`
  const parts: (Html | string)[] = []
  let end = 0
  for (const [index, character] of hiddenIn(text)) {
    if (index < end) continue
    parts.push(text.slice(end, index))
    parts.push(html`<span class="mark">${codePointName(character)}</span>`)
    end = index + character.length
  }
  parts.push(text.slice(end))
  return html`${parts}`
}

function hiddenIn(text: string): [index: number, character: string][] {
  const unsafe = Array.from(unsafeCharacters(text), ({ index, character }): [number, string] => [
    index,
    character,
  ])
  const controls = Array.from(text.matchAll(CONTROL), ({ 0: character, index }): [number, string] => [
    index,
    character,
  ]).filter(([, character]) => character !== '\t')
  return [...unsafe, ...controls].sort(([a], [b]) => a - b)
}
