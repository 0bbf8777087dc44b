import { closingFence, type Fences, isFence, linesBetween, topLine } from './find-front-matter.ts'
import type { Format } from './format.ts'
import { isBlank, type Line, linesOf, lineText } from './lines.ts'
import { isSettingName, keyLine } from './mapping-key.ts'
import { clipped, type Notice } from './problem.ts'

const FIRST_OF_NAME = /^[a-z_]$/
const OF_NAME = /^[A-Za-z0-9_-]$/
const DASHES = new Set('-\u2010\u2011\u2012\u2013\u2014\u2015\u2212')
/** Licences and headings above front matter are short; rules further down separate sections. */
const LINES_AT_THE_TOP = 30
const INVISIBLE = new Set('\u00AD\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF')

/**
 * Explains why a file that looks as if it starts with front matter is read as content only; `undefined` if it does
 * not look so.
 */
export function whyNotRead(text: string, format: Format): Notice | undefined {
  const top = topLine(text, format)
  if (top === undefined) return undefined
  const words = lineText(text, top)
  if (words.startsWith('---\r')) {
    return notRead(top, 'The lines end with CR only', 'Save the file with LF or CRLF line ends.')
  }
  if (!isFence(words)) return whyNotOpened(text, top) ?? afterOtherText(text, top)
  const close = closingFence(text, top)
  return close === undefined ? unclosed(text, top) : whyNotMapping(text, { open: top, close })
}

function notRead(line: Line, reason: string, remedy: string): Notice {
  const message = `${reason}, so the whole file is content. ${remedy}`
  return { code: 'front_matter_not_read', line: line.number, message }
}

function unclosed(text: string, open: Line): Notice | undefined {
  if (!isSetting(nextWords(text, open))) return undefined
  for (const line of linesOf(text, open.next, open.number + 1)) {
    const words = bare(lineText(text, line))
    if (words !== '...' && !isNearlyFence(words)) continue
    return notRead(line, 'The front matter ends with a line that is not exactly `---`', 'Write `---` there.')
  }
  return notRead(open, 'The front matter has no closing `---` line', 'Add it below the last key.')
}

function whyNotMapping(text: string, fences: Fences): Notice | undefined {
  const lines = [...linesBetween(text, fences)].filter((line) => !isBlank(lineText(text, line)))
  if (lines.every((line) => lineText(text, line).startsWith('#'))) return onlyComments(text, lines)
  const [first = fences.open] = lines
  const name = settingName(lineText(text, first))
  const after = lineText(text, first).slice(name.length)
  if (name !== '' && after.startsWith(':') && !after.startsWith('://') && !isKeyEnd(after)) {
    return notRead(first, `The line has no space after \`${clipped(name)}:\``, 'Add the space.')
  }
  if (name !== '' && after.trimStart().startsWith('=')) {
    return notRead(first, `The line has \`=\` after \`${clipped(name)}\``, 'Write `key: value`.')
  }
  const setting = lines.find((line) => isPlainSetting(lineText(text, line)))
  if (setting === undefined) return undefined
  return notRead(
    setting,
    'Other text comes before this key',
    'Keep only keys and values between the `---` lines.',
  )
}

/** Headings between two rules are common in Markdown; commented-out settings are rare. */
function onlyComments(text: string, lines: readonly Line[]): Notice | undefined {
  const setting = lines.find((line) => isPlainSetting(lineText(text, line).slice(1).trimStart()))
  if (setting === undefined) return undefined
  return notRead(setting, 'The lines between `---` are comments', 'Remove the `#` to set the key.')
}

/** Handles an opening line that is almost `---`, or that belongs to another format. */
function whyNotOpened(text: string, top: Line): Notice | undefined {
  const line = bare(lineText(text, top))
  const next = nextWords(text, top)
  if (line === '+++' && next.includes('=')) {
    return notRead(top, 'The front matter is TOML', 'Write it as YAML between `---` lines.')
  }
  if (line === ';;;' && next.trimStart().startsWith('"')) {
    return notRead(top, 'The front matter is JSON between `;;;`', 'Put it between `---` lines, in braces.')
  }
  if (!isNearlyFence(line) || !isSetting(next)) return undefined
  return notRead(top, 'The line before the first key is not exactly `---`', 'Write `---` alone on the line.')
}

/**
 * Looks only at the first rule near the top, and only if nothing but settings follow. Ignores examples in code
 * blocks.
 */
function afterOtherText(text: string, top: Line): Notice | undefined {
  for (const open of linesOf(text, top.next, top.number + 1)) {
    const words = lineText(text, open)
    if (open.number > LINES_AT_THE_TOP || isCodeFence(words)) return undefined
    if (!isFence(words)) continue
    const close = closingFence(text, open)
    if (close === undefined || !holdsSettings(text, { open, close })) return undefined
    return notRead(open, 'Text comes before the front matter', 'Move the front matter to the top.')
  }
  return undefined
}

function holdsSettings(text: string, fences: Fences): boolean {
  let settings = 0
  for (const line of linesBetween(text, fences)) {
    const words = lineText(text, line)
    if (isPlainSetting(words)) settings++
    else if (settings === 0 || !(isBlank(words) || ' \t#-'.includes(words.charAt(0)))) return false
  }
  return settings > 0
}

function nextWords(text: string, line: Line): string {
  for (const next of linesOf(text, line.next, line.number + 1)) {
    const words = lineText(text, next)
    if (!isBlank(words)) return words
  }
  return ''
}

function isSetting(words: string): boolean {
  const entry = keyLine(words.trimStart())
  return entry !== undefined && isSettingName(entry)
}

/** A key of one lower-case word. Prose also starts lines with "Note: ". */
function isPlainSetting(words: string): boolean {
  const name = settingName(words)
  return name !== '' && isKeyEnd(words.slice(name.length))
}

function isKeyEnd(after: string): boolean {
  return after.startsWith(':') && isBlank(after.charAt(1))
}

function settingName(words: string): string {
  let end = 0
  while (isNameCharacter(words.charAt(end), end === 0)) end++
  return words.slice(0, end)
}

function isNameCharacter(character: string, isFirst: boolean): boolean {
  return isFirst ? FIRST_OF_NAME.test(character) : OF_NAME.test(character)
}

function isCodeFence(words: string): boolean {
  return words.startsWith('```') || words.startsWith('~~~')
}

function isNearlyFence(words: string): boolean {
  if (words.startsWith('---')) return true
  return words.length > 0 && words !== '-' && [...words].every((character) => DASHES.has(character))
}

/** Trims spaces and invisible characters. */
function bare(words: string): string {
  const isPadding = (at: number) => INVISIBLE.has(words.charAt(at)) || isBlank(words.charAt(at))
  let start = 0
  let end = words.length
  while (start < end && isPadding(start)) start++
  while (end > start && isPadding(end - 1)) end--
  return words.slice(start, end)
}
