import { isMap } from 'yaml'
import { isBlank, type Line, linesOf, lineText } from './lines.ts'
import { keyLine } from './mapping-key.ts'
import { type ParsedYaml, parseYaml, type YamlFlaw } from './parse-yaml.ts'

export interface RepairedYaml {
  readonly parsed: ParsedYaml
  /** The text that was finally parsed. Its line numbers match the original text. */
  readonly text: string
  /** Lines, from 1, with a value that is not valid YAML and was read as a string. */
  readonly repairedLines: ReadonlySet<number>
}

/** A top-level entry of a mapping: its first line, and the lines that belong to it. */
interface TopLevelEntry {
  readonly first: Line
  readonly rest: Line[]
}

/**
 * Parses a block mapping. Reads an invalid value of a top-level line `key: value` as a string, as the tools that
 * own such files do. Leaves a value alone if it continues on the next line, starts and ends with quotes, contains
 * ` #`, or contains an unmatched bracket; the flaw is then that of the first entry that cannot be read.
 *
 * Parses each entry by itself, so the time is proportional to the length of the text.
 */
export function repairYaml(text: string): RepairedYaml {
  const parsed = parseYaml(text)
  const untouched = { parsed, text, repairedLines: new Set<number>() }
  if ('root' in parsed || text.trimStart().startsWith('{')) return untouched
  const repairedLines = new Set<number>()
  let repairedText = ''
  for (const entry of entriesOf(text)) {
    const source = text.slice(entry.first.start, (entry.rest.at(-1) ?? entry.first).next)
    const flaw = entryFlaw(source)
    const repaired = flaw === undefined ? source : repairEntry(text, entry)
    if (flaw !== undefined && (repaired === undefined || entryFlaw(repaired) !== undefined)) {
      return { ...untouched, parsed: { flaw: { ...flaw, offset: entry.first.start + flaw.offset } } }
    }
    if (flaw !== undefined) repairedLines.add(entry.first.number)
    repairedText += repaired
  }
  return { parsed: parseYaml(repairedText), text: repairedText, repairedLines }
}

function entriesOf(text: string): TopLevelEntry[] {
  const entries: TopLevelEntry[] = []
  let indent: number | undefined
  for (const line of linesOf(text, 0)) {
    const words = lineText(text, line)
    if (indent === undefined && !isBlank(words) && !words.trimStart().startsWith('#'))
      indent = indentOf(words)
    const last = entries.at(-1)
    if (last === undefined || beginsEntry(words, indent ?? 0)) entries.push({ first: line, rest: [] })
    else last.rest.push(line)
  }
  return entries
}

/** `- item`, `: value` and a closing bracket need no indentation below their key. */
function beginsEntry(words: string, indent: number): boolean {
  const own = words.trimStart()
  if (own === '' || own.startsWith('#') || indentOf(words) > indent) return false
  if (own === '-' || own.startsWith('- ') || own === ':' || own.startsWith(': ')) return false
  return !own.startsWith(']') && !own.startsWith('}')
}

function indentOf(words: string): number {
  return words.length - words.trimStart().length
}

/** The flaw of one entry. An error at its very end, such as a missing bracket, is reported on its first line. */
function entryFlaw(source: string): YamlFlaw | undefined {
  const parsed = parseYaml(source)
  if ('root' in parsed) {
    if (parsed.root === null || isMap(parsed.root)) return undefined
    return { offset: 0, code: 'NO_KEY', reason: 'neither a key nor part of one' }
  }
  const { flaw } = parsed
  return flaw.offset < source.trimEnd().length ? flaw : { ...flaw, offset: 0 }
}

/**
 * Quotes the rest of the entry's line. If the value continues on the next line, the result is still invalid YAML.
 */
function repairEntry(text: string, { first, rest }: TopLevelEntry): string | undefined {
  const words = lineText(text, first)
  const indent = indentOf(words)
  const entry = keyLine(words.slice(indent))
  if (entry === undefined) return undefined
  const value = words.slice(indent + entry.rest).trim()
  if (!isText(value)) return undefined
  const below = text.slice(first.end, (rest.at(-1) ?? first).next)
  return `${words.slice(0, indent + entry.rest)} ${JSON.stringify(value)}${below}`
}

function isText(value: string): boolean {
  if (value === '' || value.includes(' #') || value.includes('\t#')) return false
  const quote = value.charAt(0)
  const isQuoted = (quote === '"' || quote === "'") && value.length > 1 && value.endsWith(quote)
  return !isQuoted && bracketsMatch(value)
}

function bracketsMatch(value: string): boolean {
  const open: string[] = []
  for (const character of value) {
    if (character === '[' || character === '{') open.push(character === '[' ? ']' : '}')
    else if ((character === ']' || character === '}') && open.pop() !== character) return false
  }
  return open.length === 0
}
