import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import type { SetBy } from '../../contract/registry-api.ts'
import type { Status } from '../../contract/version.ts'
import type { PromptSummary, SummarizedVersion } from '../prompt-store.ts'
import { fromStoredHighest } from '../stored-label.ts'
import type { PROMPT_COLUMNS, VERSION_COLUMNS } from './columns.ts'
import { parsed } from './rows.ts'

/** A summary has few columns, because SQLite takes most of its time to convert their values. */
const OF_PROMPT = [
  'id',
  'stable',
  'stable_by',
  'withdrawn',
  'latest',
  'owner',
  'hold',
  'highest',
  'archived',
  'retired',
  'updated_at',
] as const satisfies readonly (keyof typeof PROMPT_COLUMNS)[]

const OF_VERSION = [
  'status',
  'release',
  'waiting',
  'description',
  'tags',
  'released_at',
] as const satisfies readonly (keyof typeof VERSION_COLUMNS)[]

/** Most lists are empty, and a null costs less than a string. */
const versionColumn = (table: 's' | 'l', column: (typeof OF_VERSION)[number]) =>
  column === 'waiting' || column === 'tags' ? `nullif(${table}.${column}, '[]')` : `${table}.${column}`

/** The columns of a summary, from `prompts p`, its latest version `l` and its stable version `s`. */
export const SUMMARY_COLUMNS: string = [
  ...OF_PROMPT.map((column) => `p.${column}`),
  ...OF_VERSION.map((column) => versionColumn('s', column)),
  ...OF_VERSION.map((column) => versionColumn('l', column)),
].join(', ')

const positions = <C extends string>(columns: readonly C[]) =>
  Object.fromEntries(columns.map((column, at) => [column, at])) as Record<C, number>
const PROMPT = positions(OF_PROMPT)
const VERSION = positions(OF_VERSION)
const STABLE = OF_PROMPT.length
const LATEST = STABLE + OF_VERSION.length

/** A row as an array: a getter for each column would take as long as the query. */
export type SummaryValues = readonly SQLOutputValue[]

/** The statement must return arrays. */
export function summaryRows(
  statement: StatementSync,
  parameters: Readonly<Record<string, string | number>>,
): SummaryValues[] {
  return statement.all(parameters) as unknown as SummaryValues[]
}

export function idOf(row: SummaryValues): string {
  return row[PROMPT.id] as string
}

export function summaryOf(row: SummaryValues): PromptSummary {
  return { head: headOf(row), stable: versionAt(row, STABLE), latest: versionAt(row, LATEST) }
}

type Text = string | null

function headOf(row: SummaryValues): PromptSummary['head'] {
  const head: PromptSummary['head'] = {
    promptId: idOf(row),
    stable: row[PROMPT.stable] as Text,
    stableBy: row[PROMPT.stable_by] as SetBy | null,
    withdrawn: row[PROMPT.withdrawn] as Text,
    latest: row[PROMPT.latest] as Text,
    owner: row[PROMPT.owner] as Text,
    hold: parsed(row[PROMPT.hold] as Text),
    highest: fromStoredHighest(parsed(row[PROMPT.highest] as Text)),
    updatedAt: row[PROMPT.updated_at] as Text,
  }
  const isArchived = row[PROMPT.archived] === 1
  const retired = row[PROMPT.retired] as Text
  // Most prompts are neither, and a list has thousands of prompts.
  if (!isArchived && retired === null) return head
  return { ...head, ...(isArchived && { archived: true }), ...(retired !== null && { retired }) }
}

function versionAt(row: SummaryValues, start: number): SummarizedVersion | null {
  const status = row[start + VERSION.status] as Status | null
  if (status === null) return null
  return {
    status,
    release: row[start + VERSION.release] as Text,
    waiting: listIn(row[start + VERSION.waiting] as Text),
    description: row[start + VERSION.description] as Text,
    tags: listIn(row[start + VERSION.tags] as Text),
    releasedAt: row[start + VERSION.released_at] as Text,
  }
}

function listIn(json: Text): readonly string[] {
  return parsed(json ?? '[]')
}
