/** A line `key: rest`, split into its parts. */
export interface KeyLine {
  /** Without quotes. */
  readonly key: string
  readonly quoted: boolean
  /** Offset in the line at which the rest starts. */
  readonly rest: number
}

const INDICATORS = new Set(',[]{}#&*!|>\'"%@`')
const WORDS_OF_A_KEY = 3

/** Parses a line that starts a block mapping entry at column 0. */
export function keyLine(line: string): KeyLine | undefined {
  const quote = line[0]
  if (quote === '"' || quote === "'") {
    const close = closingQuote(line)
    const colon = close === -1 ? -1 : skipSpaces(line, close + 1)
    return isColon(line, colon) ? { key: line.slice(1, close), quoted: true, rest: colon + 1 } : undefined
  }
  if (!isPlainStart(line)) return undefined
  for (let colon = line.indexOf(':'); colon !== -1; colon = line.indexOf(':', colon + 1)) {
    if (!isColon(line, colon)) continue
    const key = line.slice(0, colon).trimEnd()
    return key === '' || key.includes(' #') ? undefined : { key, quoted: false, rest: colon + 1 }
  }
  return undefined
}

/** Whether a person would read the key as a setting. "You are helpful. Rules" is prose. */
export function isSettingName({ key, quoted }: KeyLine): boolean {
  if (quoted) return true
  return (
    !['. ', '! ', '? ', ', ', '; '].some((mark) => key.includes(mark)) && wordCount(key) <= WORDS_OF_A_KEY
  )
}

/** The index of the closing quote of a string that starts with a quote; -1 if it is never closed. */
export function closingQuote(text: string): number {
  const quote = text[0]
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++
    else if (text[at] === quote) return at
  }
  return -1
}

function isColon(line: string, at: number): boolean {
  const after = line[at + 1]
  return line[at] === ':' && (after === undefined || after === ' ' || after === '\t')
}

function isPlainStart(line: string): boolean {
  const [first, second] = line
  if (first === undefined || first === ' ' || first === '\t' || INDICATORS.has(first)) return false
  const needsMore = first === '-' || first === '?' || first === ':'
  return !needsMore || (second !== undefined && second !== ' ' && second !== '\t')
}

function skipSpaces(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function wordCount(text: string): number {
  return text.split(' ').filter((word) => word !== '').length
}
