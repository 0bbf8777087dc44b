import stringWidth from 'string-width'
import type { CliRuntime } from './cli-runtime.ts'
import { type Meaning, paint, plainLook, widthOf } from './look.ts'
import { oneLine } from './output.ts'

const BETWEEN = '  '
/** Below this width a column says nothing, so the table is wider than the terminal instead. */
const NARROWEST = 8

/** Columns of a table that a narrow terminal can do without, the least important first. */
export interface TableOptions {
  readonly drop?: readonly string[]
  /** The column of `-o name`. Default: the first. */
  readonly name?: string
}

/**
 * Prints rows under headings. On a terminal, columns are dropped until the table fits, then the widest column is cut.
 * With `-o name` there is only one.
 */
export function printTable(
  runtime: CliRuntime,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { drop = [], name = headings[0] }: TableOptions = {},
): void {
  const { stdout, look = plainLook() } = runtime
  if (look.format === 'name') {
    const names = rows.map((row) => `${oneLine(row[headings.indexOf(name ?? '')] ?? '')}\n`)
    return void stdout.write(names.join(''))
  }
  const cells = rows.map((row) => row.map(oneLine))
  const widths = headings.map((heading, column) =>
    Math.max(look.headers ? heading.length : 0, ...sample(cells, column)),
  )
  const room = look.format === 'wide' ? null : widthOf(stdout)
  const shown = columnsThatFit(headings, widths, drop, room)
  const fitted = narrowed(
    shown.map((column) => widths[column] ?? 0),
    room,
  )
  const line = (row: readonly string[], meaning: (cell: string, column: number) => Meaning | undefined) =>
    shown
      .map((column, index) => {
        const width = fitted[index] ?? 0
        const cell = cut(row[column] ?? '', width)
        const padding = index === shown.length - 1 ? '' : ' '.repeat(width - widthOfText(cell))
        return { text: cell + padding, meaning: meaning(row[column] ?? '', column) }
      })
      .map(({ text, meaning }, index, all) => {
        const isLast = all.slice(index + 1).every((later) => later.text.trim() === '')
        return paint(runtime, stdout, meaning, isLast ? text.trimEnd() : text)
      })
      .join(BETWEEN)
      .trimEnd()
  if (look.headers)
    stdout.write(
      `${line(
        headings.map((heading) => heading.toUpperCase()),
        () => 'strong',
      )}\n`,
    )
  for (const row of cells)
    stdout.write(`${line(row, (cell, column) => meaningOf(headings[column] ?? '', cell))}\n`)
  const hidden = headings.filter((_, column) => !shown.includes(column))
  if (hidden.length > 0)
    runtime.stderr.write(`Not shown, for lack of width: ${hidden.join(', ')}. -o wide shows everything.\n`)
}

function* sample(cells: readonly (readonly string[])[], column: number): Iterable<number> {
  for (const row of cells) yield widthOfText(row[column] ?? '')
}

function columnsThatFit(
  headings: readonly string[],
  widths: readonly number[],
  drop: readonly string[],
  room: number | null,
): number[] {
  let shown = headings.map((_, column) => column)
  const total = () =>
    shown.reduce((sum, column) => sum + (widths[column] ?? 0), BETWEEN.length * (shown.length - 1))
  for (const heading of drop) {
    if (room === null || total() <= room) break
    shown = shown.filter((column) => headings[column] !== heading)
  }
  return shown
}

/** Cuts the widest columns until the sum fits. */
function narrowed(widths: readonly number[], room: number | null): number[] {
  const fitted = [...widths]
  let excess =
    room === null
      ? 0
      : fitted.reduce((sum, width) => sum + width, BETWEEN.length * (fitted.length - 1)) - room
  while (excess > 0) {
    const widest = Math.max(...fitted)
    if (widest <= NARROWEST) break
    fitted[fitted.indexOf(widest)] = widest - 1
    excess--
  }
  return fitted
}

/** The text in at most `width` columns, with an ellipsis for the rest. */
function cut(text: string, width: number): string {
  if (widthOfText(text) <= width) return text
  let kept = ''
  let used = 1
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOfText(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept}…`
}

/** Most cells are ASCII, whose width needs no tables. */
function widthOfText(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text)
}

const WORDS: Readonly<Record<string, Meaning>> = {
  stable: 'good',
  yes: 'good',
  draft: 'doubtful',
  frozen: 'doubtful',
  'until release': 'doubtful',
  hidden: 'doubtful',
  retired: 'faint',
  deprecated: 'faint',
  same: 'faint',
  '-': 'faint',
  revoked: 'bad',
}
/** Columns with free text, whose words mean nothing. */
const FREE_TEXT = ['prompt', 'description', 'reason', 'details', 'actor', 'source', 'names']

function meaningOf(heading: string, cell: string): Meaning | undefined {
  if (cell === '-') return 'faint'
  if (FREE_TEXT.includes(heading)) return undefined
  if (/^no: /.test(cell)) return 'bad'
  if (/\(draft\)$/.test(cell)) return 'doubtful'
  return WORDS[cell]
}
