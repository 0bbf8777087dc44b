import { csvLine } from '../../api/contract/csv.ts'
import type { EventDocument } from '../../api/contract/registry-api.ts'

/** The filters of the audit. Empty strings match everything. */
export interface EventFilter {
  readonly prompt: string
  readonly actor: string
  readonly type: string
  readonly source: string
  /** Days as `2026-01-31`, both included, in UTC. */
  readonly from: string
  readonly until: string
}

export const FILTER_NAMES = ['prompt', 'actor', 'type', 'source', 'from', 'until'] as const

/** Whether an event passes the filter. `sourceOf` returns the owner of a prompt. */
export function matchesEvent(
  event: EventDocument,
  { prompt, actor, type, source, from, until }: EventFilter,
  sourceOf: (id: string) => string | null | undefined,
): boolean {
  const day = event.at.slice(0, 10)
  return (
    (prompt === '' || event.prompt_id.toLowerCase().includes(prompt.toLowerCase())) &&
    (actor === '' || event.actor.toLowerCase().includes(actor.toLowerCase())) &&
    (type === '' || event.type === type) &&
    (source === '' || sourceOf(event.prompt_id) === source) &&
    (from === '' || day >= from) &&
    (until === '' || day <= until)
  )
}

const COLUMNS = ['at', 'prompt_id', 'type', 'actor', 'reason', 'from', 'to', 'id', 'sequence'] as const

/** Events as CSV with a heading, safe to open in a spreadsheet. */
export function eventsCsv(events: readonly EventDocument[]): string {
  const lines = events.map((event) =>
    csvLine([
      ...COLUMNS.map((name) => event[name]),
      event.details === null ? '' : JSON.stringify(event.details),
    ]),
  )
  return [csvLine([...COLUMNS, 'details']), ...lines].join('')
}
