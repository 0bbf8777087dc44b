import Table from 'cli-table3'
import type { World } from './world.ts'

/** The API's own document, for programs. */
export function printJson(world: World, document: unknown): void {
  world.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
}

export function printLine(world: World, line: string): void {
  world.stdout.write(`${line}\n`)
}

const NO_LINES = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((part) => [part, '']),
)

/** Rows under headings, for people. */
export function printTable(
  world: World,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const table = new Table({
    head: headings.map((heading) => heading.toUpperCase()),
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => row.map(oneLine)))
  const lines = table.toString().split('\n')
  for (const line of lines) printLine(world, line.trimEnd())
}

/** Text of others must not move the cursor or break a table. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
}
