import type { Format } from './format.ts'
import { isBlank, type Line, linesOf, lineText } from './lines.ts'
import { closingQuote, isSettingName, keyLine } from './mapping-key.ts'

/** The two `---` lines around front matter. */
export interface Fences {
  readonly open: Line
  readonly close: Line
}

/** The fences of front matter at the top of a file. The front matter must be empty or a mapping. */
export function findFrontMatter(text: string, format: Format): Fences | undefined {
  const open = topLine(text, format)
  if (open === undefined || !isFence(lineText(text, open))) return undefined
  const close = closingFence(text, open)
  if (close === undefined || !holdsMapping(text, { open, close }, format)) return undefined
  return { open, close }
}

/** The first line that may open front matter. Blank lines may come before it, and in dotprompt `#` lines too. */
export function topLine(text: string, format: Format): Line | undefined {
  for (const line of linesOf(text)) {
    const words = lineText(text, line)
    if (!isBlank(words) && !(format === 'dotprompt' && words.startsWith('#'))) return line
  }
  return undefined
}

export function closingFence(text: string, open: Line): Line | undefined {
  for (const line of linesOf(text, open.next, open.number + 1)) {
    if (isFence(lineText(text, line))) return line
  }
  return undefined
}

export function isFence(words: string): boolean {
  if (!words.startsWith('---')) return false
  for (let at = 3; at < words.length; at++) {
    if (words[at] !== ' ' && words[at] !== '\t') return false
  }
  return true
}

/** The lines between two fences. */
export function* linesBetween(text: string, { open, close }: Fences): Generator<Line> {
  for (const line of linesOf(text, open.next, open.number + 1)) {
    if (line.start >= close.start) return
    yield line
  }
}

/**
 * Decides by the first line that is neither blank nor a comment, without parsing. A block of comments alone is
 * empty front matter in formats that have comments; in Markdown it is a heading between two rules.
 */
function holdsMapping(text: string, fences: Fences, format: Format): boolean {
  let hasComments = false
  for (const line of linesBetween(text, fences)) {
    const words = withoutProperties(lineText(text, line).trimStart())
    if (words === '') continue
    if (words.startsWith('#')) {
      hasComments = true
      continue
    }
    if (words.startsWith('{')) return beginsFlowMapping(text.slice(line.start, fences.close.start))
    if (words === '?' || words.startsWith('? ')) return true
    const afterBlank =
      line.number > fences.open.number + 1 && isBlank(text.slice(fences.open.next, line.start))
    return beginsBlockMapping(words, afterBlank)
  }
  return !hasComments || format === 'dotprompt' || format === 'prompty'
}

/** Markdown puts a blank line after a thematic break, and prose starts with a capital. */
function beginsBlockMapping(words: string, afterBlank: boolean): boolean {
  const entry = keyLine(words)
  if (entry === undefined || !isSettingName(entry)) return false
  const isCapitalised = entry.key.charAt(0) !== entry.key.charAt(0).toLowerCase()
  return !(afterBlank && isCapitalised)
}

/** `{{` and `{%` start a template, not a mapping. */
function beginsFlowMapping(text: string): boolean {
  const inner = text.slice(text.indexOf('{') + 1).trimStart()
  const quote = inner[0]
  if (quote === '}') return true
  if (quote === '"' || quote === "'") {
    const close = closingQuote(inner)
    const rest = close === -1 ? '' : inner.slice(close + 1).trimStart()
    return rest.startsWith(':')
  }
  if (quote === '%' || quote === '#') return false
  for (let at = 0; at < inner.length; at++) {
    const character = inner.charAt(at)
    if (character === ':') return at > 0
    if (',{}[]\n'.includes(character)) return false
  }
  return false
}

/** Removes the tag and the anchor that YAML allows before a mapping. */
function withoutProperties(words: string): string {
  let rest = words
  while (rest.startsWith('&') || rest.startsWith('!')) {
    const space = rest.indexOf(' ')
    rest = space === -1 ? '' : rest.slice(space).trimStart()
  }
  return rest
}
