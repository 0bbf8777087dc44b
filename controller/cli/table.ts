import Table from 'cli-table3'
import type { CliRuntime } from './cli-runtime.ts'
import { oneLine } from './output.ts'

/** cli-table3 is quadratic in the rows: 10,000 rows took 17 s as one table, and 3 s in parts. */
const ROWS_AT_ONCE = 40

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

/** Prints rows under headings. */
export function printTable(
  runtime: CliRuntime,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const lines = [headings.map((heading) => heading.toUpperCase()), ...rows].map((row) => row.map(oneLine))
  const parts = Array.from({ length: Math.ceil(lines.length / ROWS_AT_ONCE) }, (_, index) =>
    lines.slice(index * ROWS_AT_ONCE, (index + 1) * ROWS_AT_ONCE),
  )
  const widths = parts
    .map((part) => layOut(part).widths)
    .reduce((widest, next) => widest.map((width, column) => Math.max(width, next[column] ?? 0)))
  for (const part of parts) runtime.stdout.write(layOut(part, widths).text)
}

/** Formats rows as lines. Without `widths`, each column is as wide as its widest cell. */
function layOut(rows: readonly (readonly string[])[], widths: readonly number[] = []) {
  const table = new Table({
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    colWidths: [...widths],
  })
  table.push(...rows.map((row) => [...row]))
  const lines = table.toString().split('\n')
  const text = lines.map((line) => `${line.trimEnd()}\n`).join('')
  // `toString` has filled in the missing widths.
  return { text, widths: table.options.colWidths.map(Number) }
}
