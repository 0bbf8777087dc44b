import { describe, expect, test } from 'vitest'
import type { EventDocument } from '../../../api/contract/registry-api.ts'
import { EVENT_TYPES } from '../../../api/contract/schemas/events.ts'
import { notificationOf, notificationsOf } from '../../../controller/notify/notification.ts'
import type { PassReport, ReportedFinding } from '../../../controller/state/pass-report.ts'
import { NOTIFIED } from '../../../controller/values/notified.ts'

const EVENT: EventDocument = {
  ...{ id: 'e1', prompt_id: 'a', sequence: 1, type: 'promoted', at: '2026-01-01T00:00:00.000Z' },
  ...{ actor: 'ada', reason: null, from: null, to: '1.0.0', details: null },
}

const REPORT: PassReport = {
  ...{ source: 'demo', result: 'synced', kind: 'changes', commit: 'c', message: null, cause: null },
  ...{ started_at: '2026-01-01T00:00:00.000Z', finished_at: '2026-01-02T00:00:00.000Z' },
  ...{ counts: {}, findings: [], news: [] },
}

function quarantine(name: string, first_seen: string): ReportedFinding {
  return {
    code: 'quarantined',
    subject: { kind: 'file', name },
    message: `${name} is bad.`,
    cause: null,
    first_seen,
  }
}

function withFindings(...findings: ReportedFinding[]): PassReport {
  return { ...REPORT, counts: { quarantined: findings.length }, findings }
}

test('four types of events of the feed are notified', () => {
  const types = EVENT_TYPES.flatMap((type) => notificationOf({ ...EVENT, type }, NOTIFIED)?.type ?? [])
  expect(types).toEqual(
    ['released', 'rolled_back', 'revoked', 'held'].map((what) => `prompt-registry.prompt.${what}`),
  )
})

describe('the notifications about a source', () => {
  test('are none while it is ready', () => {
    expect(notificationsOf(REPORT)).toEqual({ notifications: [], mark: { notReady: null, quarantined: '' } })
  })

  test('come once for each quarantine, with the new files', () => {
    const first = notificationsOf(
      withFindings(quarantine('a.md', '2026-01-01'), quarantine('b.md', '2026-01-02')),
    )
    expect(first.notifications.map(({ type }) => type)).toEqual([
      'prompt-registry.source.quarantined',
      'prompt-registry.source.not_ready',
    ])
    expect(first.notifications[0]?.data).toMatchObject({
      source: 'demo',
      count: 2,
      files: [
        { path: 'a.md', message: 'a.md is bad.' },
        { path: 'b.md', message: 'b.md is bad.' },
      ],
    })
    const same = withFindings(quarantine('b.md', '2026-01-02'))
    expect(notificationsOf(same, first.mark).notifications).toEqual([])
    const more = withFindings(quarantine('b.md', '2026-01-02'), quarantine('c.md', '2026-01-03'))
    const next = notificationsOf(more, first.mark)
    expect(next.notifications.map(({ data }) => data.files)).toEqual([
      [{ path: 'c.md', message: 'c.md is bad.' }],
    ])
    expect(next.notifications[0]?.id).not.toBe(first.notifications[0]?.id)
  })

  test('come again when it is not ready for another reason, or again after it was ready', () => {
    const failed: PassReport = {
      ...REPORT,
      result: 'failed',
      counts: { pass_failed: 1 },
      message: 'No host.',
    }
    const reasons = (...reports: PassReport[]) => {
      let mark: Parameters<typeof notificationsOf>[1]
      return reports.map((report) => {
        const next = notificationsOf(report, mark)
        mark = next.mark
        return next.notifications.map(({ data }) => data.reason)
      })
    }
    const refused: PassReport = { ...REPORT, counts: { refused: 1 } }
    expect(reasons(failed, failed, refused, REPORT, failed)).toEqual([
      ['Failed'],
      [],
      ['Refused'],
      [],
      ['Failed'],
    ])
  })

  test('ignore a suspended source', () => {
    const mark = { notReady: 'Failed', quarantined: 'x' }
    const report: PassReport = { ...REPORT, result: 'suspended' }
    expect(notificationsOf(report, mark)).toEqual({ notifications: [], mark })
  })
})
