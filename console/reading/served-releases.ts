import { setImmediate } from 'node:timers/promises'
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

/** Events between two pauses: they would keep other requests waiting. */
const AT_ONCE = 1000

const known = new WeakMap<JournalEvents['oldestFirst'], Promise<readonly AuditRow[]>>()

/** The rows of an audit that pass the filter, newest first. They are kept until an event comes. */
export async function servedReleases(
  { oldestFirst }: Pick<JournalEvents, 'oldestFirst'>,
  environment: string,
  { prompt, from, until }: ServedFilter,
): Promise<readonly AuditRow[]> {
  const rows = known.get(oldestFirst) ?? allRows(oldestFirst, environment)
  known.set(oldestFirst, rows)
  const period = {
    from: from === '' ? undefined : from,
    // Sorts after every time of that day.
    to: until === '' ? undefined : `${until}\uffff`,
  }
  const matches = ({ prompt_id }: AuditRow) => prompt_id.toLowerCase().includes(prompt.toLowerCase())
  return (await rows).filter((row) => matches(row) && servedWithin(row, period)).toReversed()
}

async function allRows(
  events: JournalEvents['oldestFirst'],
  environment: string,
): Promise<readonly AuditRow[]> {
  const trail = new AuditTrail(environment)
  for (let at = 0; at < events.length; at += AT_ONCE) {
    for (const event of events.slice(at, at + AT_ONCE)) trail.add(event)
    await setImmediate()
  }
  return trail.rows()
}
