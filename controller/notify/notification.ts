import { createHash } from 'node:crypto'
import type { EventDocument } from '../../api/contract/registry-api.ts'
import type { Json } from '../../api/contract/version.ts'
import { verdictOf } from '../findings/verdict.ts'
import type { PassReport } from '../state/pass-report.ts'
import { NOTIFIED, type Notified } from '../values/notified.ts'

/** Chooses the notifications. Pure. */

/** A notification as a CloudEvent 1.0. The same event always has the same `id`. */
export interface Notification {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: '/prompts' | '/sources'
  readonly type: `prompt-registry.${'prompt' | 'source'}.${Notified}`
  /** A prompt id, or the name of a source. */
  readonly subject: string
  /** ISO 8601, UTC. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly data: Readonly<Record<string, Json>>
}

const OF_PROMPTS: Readonly<Partial<Record<EventDocument['type'], Notified>>> = {
  promoted: 'released',
  rolled_back: 'rolled_back',
  revoked: 'revoked',
  held: 'held',
}

/** The notification about an event of the feed; `null` for an event that is not notified. */
export function notificationOf(event: EventDocument, wanted: readonly Notified[]): Notification | null {
  const what = OF_PROMPTS[event.type]
  if (what === undefined || !wanted.includes(what)) return null
  const { id, prompt_id, at, sequence, actor, reason, from, to, details } = event
  return {
    ...{ specversion: '1.0', id, source: '/prompts', type: `prompt-registry.prompt.${what}` },
    ...{ subject: prompt_id, time: at, datacontenttype: 'application/json' },
    data: { prompt_id, sequence, actor, reason, from, to, details: details as Json },
  }
}

/** The last notifications about a source. */
export interface SourceMark {
  /** The reason why it was not ready; `null` if it was. */
  readonly notReady: string | null
  /** When the newest notified quarantine was first seen, as ISO 8601; empty if there was none. */
  readonly quarantined: string
}

const NEW_SOURCE: SourceMark = { notReady: null, quarantined: '' }
const MOST_FILES = 50

/** The notifications that a report calls for after those of `before`, and the next mark. */
export function notificationsOf(
  report: PassReport,
  before: SourceMark = NEW_SOURCE,
  wanted: readonly Notified[] = NOTIFIED,
): { readonly notifications: readonly Notification[]; readonly mark: SourceMark } {
  if (report.result === 'suspended') return { notifications: [], mark: before }
  const { class: verdict, reason, text } = verdictOf(report.counts)
  const notReady = verdict === 'ready' ? null : reason
  const fresh = report.findings.filter(
    ({ code, first_seen }) => code === 'quarantined' && first_seen > before.quarantined,
  )
  const quarantined = fresh.reduce(
    (newest, { first_seen }) => (first_seen > newest ? first_seen : newest),
    before.quarantined,
  )
  const { source, commit, message } = report
  const notifications: Notification[] = []
  if (fresh.length > 0 && wanted.includes('quarantined')) {
    const files = fresh
      .slice(0, MOST_FILES)
      .map(({ subject, message: why }) => ({ path: subject.name, message: why }))
    const data = { source, commit, count: fresh.length, files }
    notifications.push(ofSource(report, 'quarantined', quarantined, data))
  }
  if (notReady !== null && notReady !== before.notReady && wanted.includes('not_ready')) {
    const data = { source, commit, reason: notReady, message: message ?? `${text}.` }
    notifications.push(ofSource(report, 'not_ready', `${notReady} ${report.finished_at}`, data))
  }
  return { notifications, mark: { notReady, quarantined } }
}

function ofSource(
  { source, finished_at }: PassReport,
  what: Notified,
  key: string,
  data: Notification['data'],
): Notification {
  const id = createHash('sha256').update(`${source}\n${what}\n${key}`).digest('hex').slice(0, 32)
  return {
    ...{ specversion: '1.0', id, source: '/sources', type: `prompt-registry.source.${what}` },
    ...{ subject: source, time: finished_at, datacontenttype: 'application/json' },
    data,
  }
}
