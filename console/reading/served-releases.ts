import type { AuditRow } from '../../api/contract/audit/audit-row.ts'
import { AuditTrail, servedWithin } from '../../api/contract/audit/audit-trail.ts'
import type { JournalEvents } from './journal.ts'

/** The filters of the releases. Empty strings match everything. */
export interface ServedFilter {
  readonly prompt: string
  /** Days as `2026-01-31`, both included, in UTC. */
  readonly from: string
  readonly until: string
}

export const SERVED_FILTERS = ['prompt', 'from', 'until'] as const

/** The rows of an audit that pass the filter, newest first. */
export function servedReleases(
  { events }: Pick<JournalEvents, 'events'>,
  environment: string,
  { prompt, from, until }: ServedFilter,
): readonly AuditRow[] {
  const trail = new AuditTrail(environment)
  for (const event of events.toReversed()) trail.add(event)
  const period = {
    from: from === '' ? undefined : from,
    // Sorts after every time of that day.
    to: until === '' ? undefined : `${until}\uffff`,
  }
  const matches = ({ prompt_id }: AuditRow) => prompt_id.toLowerCase().includes(prompt.toLowerCase())
  return trail
    .rows()
    .filter((row) => matches(row) && servedWithin(row, period))
    .toReversed()
}
