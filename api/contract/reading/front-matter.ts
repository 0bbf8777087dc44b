import { isMap, isScalar, type ParsedNode } from 'yaml'
import { LIMITS } from '../limits.ts'
import type { Json } from '../version.ts'
import { closingFence, type Fences, isFence, topLine } from './find-front-matter.ts'
import type { Format } from './format.ts'
import { type Field, readDescription, readJson, readTags } from './front-matter-fields.ts'
import { lineFinder, lineText } from './lines.ts'
import { collectNotices } from './notices.ts'
import type { FileProblem, Notice } from './problem.ts'
import { repairYaml } from './repair-yaml.ts'
import { yamlSentence } from './yaml-sentence.ts'
import { type JsonReading, type ValueChange, yamlToJson } from './yaml-to-json.ts'

/** The contents of front matter. */
export interface FrontMatter {
  readonly description: string | null
  readonly tags: readonly string[]
  /** The value of `variables`. */
  readonly variables: Json | null
  /** All other keys; `null` if there are none. */
  readonly config: Json | null
  /** Top-level keys with a value that is not valid YAML and was read as text. */
  readonly repairedKeys: readonly string[]
  readonly notices: readonly Notice[]
}

const NOTHING: FrontMatter = {
  description: null,
  tags: [],
  variables: null,
  config: null,
  repairedKeys: [],
  notices: [],
}

/** Numbers in these fields are text: the tag 1.10 is not 1.1. */
const TEXT_KEYS = new Set(['description', 'tags'])
const OWN_KEYS = new Set([...TEXT_KEYS, 'variables'])
const REPAIRED = 'The value is not valid YAML, so the rest of the line was read as text. Put it in quotes.'

/**
 * Reads front matter as `splitFile` returns it, including the `---` lines. Problems and notices have line numbers
 * of the file. Takes time proportional to the length, at most `LIMITS.frontMatterBytes`.
 */
export function readFrontMatter(frontMatter: string, format: Format): FrontMatter | FileProblem {
  if (frontMatter === '') return NOTHING
  const bytes = Buffer.byteLength(frontMatter)
  if (bytes > LIMITS.frontMatterBytes) {
    const message = `The front matter has ${bytes} bytes; at most ${LIMITS.frontMatterBytes} are allowed. Shorten it.`
    return { code: 'front_matter_too_large', message }
  }
  const fences = fencesAround(frontMatter, format)
  if (fences === undefined)
    return notYaml(1, 'The front matter does not begin and end with a `---` line. Add it.')
  const { open, close } = fences
  return readBody(frontMatter.slice(open.next, close.start), open.number)
}

function fencesAround(frontMatter: string, format: Format): Fences | undefined {
  const open = topLine(frontMatter, format)
  if (open === undefined || !isFence(lineText(frontMatter, open))) return undefined
  const close = closingFence(frontMatter, open)
  return close?.next === frontMatter.length ? { open, close } : undefined
}

/** Reads the text between the `---` lines. `before` is the number of lines above it in the file. */
function readBody(body: string, before: number): FrontMatter | FileProblem {
  const { parsed, text, repairedLines } = repairYaml(body)
  const lineIn = lineFinder(text)
  const lineOf = (offset: number) => before + lineIn(offset)
  if ('flaw' in parsed) return notYaml(lineOf(parsed.flaw.offset), yamlSentence(parsed.flaw))
  if (isNothing(parsed.root)) return NOTHING
  if (!isMap(parsed.root)) {
    return notYaml(before + 1, 'The front matter is not a mapping. Write `key: value` on each line.')
  }
  const reading = yamlToJson(parsed.root, TEXT_KEYS)
  if ('flaw' in reading) {
    const { offset, message } = reading.flaw
    return { code: 'front_matter_value', line: lineOf(offset), message }
  }
  const isRepaired = (offset: number) => repairedLines.has(lineIn(offset))
  return assemble(withRepairs(reading, isRepaired), lineOf)
}

/** Whether there are no lines, or only comments. */
function isNothing(root: ParsedNode | null): boolean {
  return root === null || (isScalar(root) && root.value === null)
}

/** Adds the repaired lines to the changes. */
function withRepairs(
  { entries, changes }: JsonReading,
  isRepaired: (offset: number) => boolean,
): JsonReading {
  const repairs: ValueChange[] = [...entries]
    .filter(([, { offset }]) => isRepaired(offset))
    .map(([key, { offset }]) => ({ code: 'key_repaired', key, offset, message: REPAIRED }))
  return { entries, changes: [...repairs, ...changes] }
}

function assemble({ entries, changes }: JsonReading, lineOf: (offset: number) => number) {
  const problems: FileProblem[] = []
  const notices: Notice[] = changes.map(({ offset, ...change }) => ({ ...change, line: lineOf(offset) }))
  const take = <T>(key: string, field: Field<T>, otherwise: T): T => {
    const offset = entries.get(key)?.offset
    const line = offset === undefined ? {} : { line: lineOf(offset) }
    if ('problem' in field) {
      problems.push({ code: 'front_matter_value', ...line, message: field.problem })
      return otherwise
    }
    if (field.change !== undefined)
      notices.push({ code: 'value_changed', ...line, key, message: field.change })
    return field.value
  }
  const valueAt = (key: string) => entries.get(key)?.value ?? null
  const config = configOf(entries)
  const read = {
    description: take('description', readDescription(valueAt('description')), null),
    tags: take('tags', readTags(valueAt('tags')), []),
    variables: take('variables', readJson('`variables`', valueAt('variables')), null),
    config: take('', readJson('The config', config), null),
    repairedKeys: [...new Set(changes.filter(({ code }) => code === 'key_repaired').map(({ key }) => key))],
    notices: collectNotices(notices),
  }
  return problems[0] ?? read
}

function configOf(entries: JsonReading['entries']): Json | null {
  const others = [...entries].filter(([key]) => !OWN_KEYS.has(key))
  return others.length === 0 ? null : Object.fromEntries(others.map(([key, { value }]) => [key, value]))
}

function notYaml(line: number, message: string): FileProblem {
  return { code: 'front_matter_not_yaml', line, message }
}
