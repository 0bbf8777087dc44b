import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import { PROMPT_COLUMNS, type RowOf, type VERSION_COLUMNS } from './columns.ts'

/** The columns of `versions` that a list of prompts needs. */
const LISTED_COLUMNS = [
  'label',
  'status',
  'identity',
  'payload_sha256',
  'release',
  'waiting',
  'description',
  'tags',
  'released_at',
] as const satisfies readonly (keyof typeof VERSION_COLUMNS)[]

/** The columns of `prompts`, and the listed ones of its stable (`s_`) and latest (`l_`) versions. */
export type ListingRow = RowOf<typeof PROMPT_COLUMNS> & {
  readonly [Column in `${'s' | 'l'}_${(typeof LISTED_COLUMNS)[number]}`]: string | null
}

const HEAD = Object.keys(PROMPT_COLUMNS)
const LISTED = (['s', 'l'] as const).flatMap((table) => LISTED_COLUMNS.map((column) => ({ table, column })))

/** The columns of a list, from `prompts p`, its latest version `l` and its stable version `s`. */
export const LISTING_COLUMNS: string = [
  ...HEAD.map((column) => `p.${column}`),
  ...LISTED.map(({ table, column }) => `${table}.${column}`),
].join(', ')

/** A row by the names of its columns. */
class ValuesRow {
  readonly values: readonly SQLOutputValue[]

  constructor(values: readonly SQLOutputValue[]) {
    this.values = values
  }
}

const NAMES = [...HEAD, ...LISTED.map(({ table, column }) => `${table}_${column}`)]
for (const [index, name] of NAMES.entries())
  Object.defineProperty(ValuesRow.prototype, name, {
    get(this: ValuesRow) {
      return this.values[index]
    },
  })

/** The statement must return arrays: objects of so many columns take SQLite three times as long. */
export function listingRows(
  statement: StatementSync,
  parameters: Readonly<Record<string, string | number>>,
): ListingRow[] {
  const rows = statement.all(parameters) as unknown as SQLOutputValue[][]
  return rows.map((values) => new ValuesRow(values) as unknown as ListingRow)
}
