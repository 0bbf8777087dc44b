import { describe, expect, it } from 'vitest'
import { durationProblem, inFreeze, windowProblem } from '../../../controller/values/freeze.ts'
import fc from '../../support/fast-check.ts'

const WEEKEND = { cron: '0 18 * * 5', timeZone: 'Europe/Berlin', duration: '60h' }
const HOUR = 3_600_000

const until = (windows: Parameters<typeof inFreeze>[0], at: string) => {
  const end = inFreeze(windows, Date.parse(at))
  return end === null ? null : new Date(end).toISOString()
}

describe('a freeze', () => {
  it.each([
    ['before it begins', '2026-03-06T16:59:59.999Z', null],
    ['at its first moment', '2026-03-06T17:00:00.000Z', '2026-03-09T05:00:00.000Z'],
    ['inside', '2026-03-08T12:34:56.789Z', '2026-03-09T05:00:00.000Z'],
    ['at its last moment', '2026-03-09T04:59:59.999Z', '2026-03-09T05:00:00.000Z'],
    ['once it is over', '2026-03-09T05:00:00.000Z', null],
  ])('%s', (_when, at, end) => {
    expect(until([WEEKEND], at)).toBe(end)
  })

  it('begins by local time, in summer and winter, and lasts its elapsed time', () => {
    // Clocks go forward in the night to Sunday, 29 March 2026, and back in the night to 25 October.
    expect(until([WEEKEND], '2026-07-03T16:00:00.000Z')).toBe('2026-07-06T04:00:00.000Z')
    expect(until([WEEKEND], '2026-03-28T12:00:00.000Z')).toBe('2026-03-30T05:00:00.000Z')
    expect(until([WEEKEND], '2026-10-24T12:00:00.000Z')).toBe('2026-10-26T04:00:00.000Z')
  })

  it('never holds without windows', () => {
    expect(inFreeze([], 0)).toBeNull()
  })

  it('continues if windows adjoin or overlap', () => {
    const day = (cron: string, duration: string) => ({ cron, timeZone: 'UTC', duration })
    const saturday = day('0 0 * * 6', '24h')
    const sunday = day('0 0 * * 0', '1d')
    expect(until([sunday, saturday], '2026-03-07T10:00:00.000Z')).toBe('2026-03-09T00:00:00.000Z')
    expect(until([day('0 0 * * *', '30h')], '2026-03-07T10:00:00.000Z')).not.toBeNull()
    expect(until([saturday, day('0 12 7 3 *', '6h')], '2026-03-07T13:00:00.000Z')).toBe(
      '2026-03-08T00:00:00.000Z',
    )
  })

  it('holds exactly when a window began less than its duration ago', () => {
    // Every day at six, so that starts can be computed without a calendar.
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 23 }),
        fc.integer({ min: 0, max: 100 * 24 * HOUR }),
        (hours, after) => {
          const now = Date.parse('2026-01-01T06:00:00.000Z') + after
          const window = { cron: '0 6 * * *', timeZone: 'UTC', duration: `${hours}h` }
          const sinceStart = after % (24 * HOUR)
          const end = sinceStart < hours * HOUR ? now - sinceStart + hours * HOUR : null
          expect(inFreeze([window], now)).toBe(end)
        },
      ),
    )
  })
})

describe('a window', () => {
  it.each(['1m', '60s', '90m', '60h', '31d'])('may last %s', (text) => {
    expect(durationProblem(text)).toBeUndefined()
  })

  it.each(['', '0h', '59s', '60', '32d', '1w', '-1h', '1.5h', '60 h'])('may not last "%s"', (text) => {
    expect(durationProblem(text)).toContain(`"${text}"`)
  })

  it('has a cron expression that fires, in a valid time zone', () => {
    expect(windowProblem(WEEKEND)).toBeUndefined()
    expect(windowProblem({ ...WEEKEND, timeZone: 'Europe/Nowhere' })).toContain('time zone')
    for (const cron of ['soon', '0 0 30 2 *', '* * *', ''])
      expect(windowProblem({ ...WEEKEND, cron })).toContain('cron expression')
  })
})
