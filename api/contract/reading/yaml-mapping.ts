import { isMap, isScalar, type ParsedNode } from 'yaml'
import { lineFinder } from './lines.ts'
import type { FileProblem } from './problem.ts'
import { repairYaml } from './repair-yaml.ts'
import { yamlSentence } from './yaml-sentence.ts'
import { type JsonReading, type ValueChange, yamlToJson } from './yaml-to-json.ts'

/** The keys and values of a mapping, and how they differ from the file. */
export interface Mapping extends JsonReading {
  /** The line in the file, from 1, of an offset in the parsed text. */
  readonly lineOf: (offset: number) => number
}

/** Numbers in these fields are text: the tag 1.10 is not 1.1. */
const TEXT_KEYS = new Set(['description', 'tags'])
const REPAIRED = 'The value is not valid YAML, so the rest of the line was read as text. Put it in quotes.'

/** Reads a mapping in YAML leniently. `before` is the number of lines above it in the file. */
export function readYamlMapping(body: string, before: number): Mapping | FileProblem {
  const { parsed, text, repairedLines } = repairYaml(body)
  const lineIn = lineFinder(text)
  const lineOf = (offset: number) => before + lineIn(offset)
  if ('flaw' in parsed) return notYaml(lineOf(parsed.flaw.offset), yamlSentence(parsed.flaw))
  if (isNothing(parsed.root)) return { entries: new Map(), changes: [], lineOf }
  if (!isMap(parsed.root)) {
    return notYaml(before + 1, 'The front matter is not a mapping. Write `key: value` on each line.')
  }
  const reading = yamlToJson(parsed.root, TEXT_KEYS)
  if ('flaw' in reading) {
    const { offset, message } = reading.flaw
    return { code: 'front_matter_value', line: lineOf(offset), message }
  }
  return { ...withRepairs(reading, (offset) => repairedLines.has(lineIn(offset))), lineOf }
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

export function notYaml(line: number, message: string): FileProblem {
  return { code: 'front_matter_not_yaml', line, message }
}
