import { describe, expect, test } from 'vitest'
import { asksForHealth, readEvent } from '../../../controller/lambda/event.ts'

describe('an event for the controller', () => {
  test('is a minute of the schedule', () => {
    expect(readEvent({ action: 'schedule', at: '2026-06-01T12:00:00Z' })).toEqual({
      action: 'schedule',
      at: '2026-06-01T12:00:00Z',
    })
    expect(readEvent({ action: 'schedule' })).toEqual({ action: 'schedule' })
  })

  test('is a pass of some sources, or a sync of all unless it names some', () => {
    expect(readEvent({ action: 'pass', sources: ['a'] })).toEqual({ action: 'pass', sources: ['a'] })
    const all = { action: 'sync', sources: [], full: false, confirm: false }
    expect(readEvent({ action: 'sync' })).toEqual(all)
    expect(readEvent({ action: 'sync', sources: ['a'], full: true, confirm: true })).toEqual({
      ...{ action: 'sync', sources: ['a'], full: true, confirm: true },
    })
  })

  test.each([
    [null, 'the event'],
    ['sync', 'the event'],
    [{}, 'action'],
    [{ action: 'destroy' }, 'action'],
    [{ action: 'pass' }, 'sources'],
    [{ action: 'pass', sources: [] }, 'sources'],
    [{ action: 'sync', ful: true }, 'the event'],
    [{ action: 'schedule', at: '<aws.scheduler.scheduled-time>' }, 'at'],
    [{ Records: [] }, 'action'],
  ])('is not %j', (event, place) => {
    expect(() => readEvent(event)).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: expect.stringMatching(new RegExp(`\\(${place}: .*Send \\{"action": "sync"\\}`)),
      }),
    )
  })

  test("may be a deployment's health check", () => {
    expect(asksForHealth({ rawPath: '/health', requestContext: { http: { method: 'GET' } } })).toBe(true)
    for (const event of [null, 'x', {}, { rawPath: '/webhooks/a' }]) expect(asksForHealth(event)).toBe(false)
  })
})
