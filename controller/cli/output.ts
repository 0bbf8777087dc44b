import { unsafeCharacters } from '../../api/contract/unsafe-characters.ts'
import { visible } from '../../api/contract/visible-text.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { typedHints } from './hints.ts'

export { isTerminal } from './terminal.ts'

/** Prints a document of the API, for programs: as JSON, or with `-o yaml` as YAML. */
export function printJson(runtime: CliRuntime, document: unknown): void {
  const toYaml = runtime.look?.toYaml ?? null
  const json = JSON.stringify(document, null, 2)
  // YAML cannot escape outside of quotes, and JSON is YAML.
  const yaml = toYaml !== null && escaped(json) === json ? toYaml(JSON.parse(json)) : `${escaped(json)}\n`
  runtime.stdout.write(yaml)
}

/** Prints one line. Line breaks and control characters become spaces. */
export function printLine(runtime: CliRuntime, line: string): void {
  runtime.stdout.write(`${oneLine(typedHints(line, runtime))}\n`)
}

/** Prints several lines. Control characters become spaces. */
export function printParagraph(runtime: CliRuntime, text: string): void {
  runtime.stdout.write(`${withLines(text)}\n`)
}

/** Prints the hunks of a diff, indented; `null` is a diff that is too long. */
export function printDiff(runtime: CliRuntime, diff: string | null, spaces: number): void {
  const indent = ' '.repeat(spaces)
  if (diff === null) printLine(runtime, `${indent}(diff too long to show)`)
  else if (diff !== '')
    printParagraph(runtime, indent + diff.replace(/\n$/, '').replaceAll('\n', `\n${indent}`))
}

/** Prints a note to stderr, so that programs can parse stdout. */
export function printNote(runtime: Pick<CliRuntime, 'stderr' | 'env' | 'look'>, line: string): void {
  runtime.stderr.write(`${oneLine(typedHints(line, runtime))}\n`)
}

/** Text of others in one line. It must not move the cursor, break a table, or look like something else. */
export function oneLine(text: string): string {
  return visible(text.replaceAll(/[\t\r\n]+/g, ' '))
}

/** The same for a text that may have lines. */
export function withLines(text: string): string {
  return visible(text, { keepLines: true })
}

/** JSON that means the same and has nothing in it that a terminal obeys or hides. */
function escaped(json: string): string {
  const hidden = [...unsafeCharacters(json)].map(({ character }) => character)
  const unsafe = new Set([...hidden, ...(json.match(/[\u007f-\u009f\u2028\u2029\ufeff]/g) ?? [])])
  if (unsafe.size === 0) return json
  return [...json].map((character) => (unsafe.has(character) ? escapeOf(character) : character)).join('')
}

function escapeOf(character: string): string {
  const units = character.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'))
  return units.map((unit) => `\\u${unit}`).join('')
}
