import { type CsvValue, csvLine } from '../csv.ts'
import type { AuditRow } from './audit-row.ts'

/** Columns of the CSV, in order. */
const COLUMNS = {
  environment: ({ environment }) => environment,
  source: ({ source }) => source,
  prompt_id: ({ prompt_id }) => prompt_id,
  version: ({ version }) => version,
  release: ({ release }) => release,
  later_releases: ({ later_releases }) => listed(later_releases),
  asked_by: ({ asked }) => asked?.by ?? null,
  asked: ({ asked }) => asked?.act ?? null,
  asked_actor: ({ asked }) => asked?.actor ?? null,
  asked_claimed: ({ asked }) => asked && yes(asked.claimed),
  asked_reason: ({ asked }) => asked?.reason ?? null,
  tag: ({ tag }) => tag?.name ?? null,
  tag_object: ({ tag }) => tag?.object ?? null,
  commit: ({ tag }) => tag?.commit ?? null,
  tagger: ({ tag }) => tag?.tagger ?? null,
  tagged_at: ({ tag }) => tag?.tagged_at ?? null,
  approved: ({ approved }) => approved && yes(approved.by.length > 0),
  pull_request: ({ approved }) => approved?.pull_request ?? null,
  pull_request_author: ({ approved }) => approved?.author ?? null,
  approved_by: ({ approved }) => listed(approved?.by ?? []),
  signed: ({ signed }) => signed,
  evidence: ({ evidence }) => (evidence.length === 0 ? null : JSON.stringify(evidence)),
  set: ({ set }) => set,
  changed_from: ({ changed }) => changed.from,
  changed_parts: ({ changed }) => changed.parts && listed(changed.parts),
  changed_inputs: ({ changed }) => (changed.inputs.length === 0 ? null : JSON.stringify(changed.inputs)),
  served_from: ({ served_from }) => served_from,
  served_until: ({ served_until }) => served_until,
  stopped: ({ stopped }) => stopped?.act ?? null,
  stopped_actor: ({ stopped }) => stopped?.actor ?? null,
  stopped_claimed: ({ stopped }) => stopped && yes(stopped.claimed),
  stopped_reason: ({ stopped }) => stopped?.reason ?? null,
} as const satisfies Readonly<Record<string, (row: AuditRow) => CsvValue>>

/** The rows as CSV with a heading, safe to open in a spreadsheet. */
export function auditCsv(rows: readonly AuditRow[]): string {
  const lines = rows.map((row) => csvLine(Object.values(COLUMNS).map((value) => value(row))))
  return [csvLine(Object.keys(COLUMNS)), ...lines].join('')
}

function listed(values: readonly string[]): string {
  return values.join('; ')
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no'
}
