import { describe, expect, it } from 'vitest'
import { scheduleProblem, untilNextPass } from '../../../controller/values/schedule.ts'
import fc from '../../support/fast-check.ts'

const NOW = Date.parse('2026-03-01T12:00:30Z')

describe('a schedule', () => {
  it.each([
    '1s',
    '30s',
    '1m',
    '2h',
    '7d',
    '168h',
    '*/5 * * * *',
    '0 3 * * 1',
    '*/10 * * * * *',
    '0 0 29 2 *',
  ])('may be %s', (text) => {
    expect(scheduleProblem(text)).toBeUndefined()
  })

  it.each([
    '',
    '0s',
    '0m',
    '8d',
    '1w',
    '1.5m',
    '-1m',
    '1 m',
    '500ms',
    'soon',
    '* * *',
    '61 * * * *',
    '0 0 30 2 *',
  ])('may not be "%s"', (text) => {
    expect(scheduleProblem(text)).toContain(`"${text}"`)
    expect(scheduleProblem(text)).toMatch(/\.$/)
  })
})

describe('the time until the next pass', () => {
  it('is the interval, plus or minus a twentieth', () => {
    expect(untilNextPass('1m', NOW, 0)).toBe(57_000)
    expect(untilNextPass('1m', NOW, 0.5)).toBe(60_000)
    expect(untilNextPass('1m', NOW, 0.999999)).toBe(63_000)
    expect(untilNextPass('7d', NOW, 0.5)).toBe(7 * 86_400_000)
  })

  it('ends at the next time of the expression in UTC', () => {
    expect(untilNextPass('*/5 * * * *', NOW, 0)).toBe(270_000)
    expect(untilNextPass('0 3 * * *', NOW, 0)).toBe((15 * 60 - 0.5) * 60_000)
    expect(untilNextPass('0 0 29 2 *', NOW, 0)).toBe(Date.parse('2028-02-29T00:00:00Z') - NOW)
  })

  it('never ends before that time, and at most half a minute or a twentieth of the gap after it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const often = untilNextPass('*/5 * * * *', NOW, random)
        expect(often).toBeGreaterThanOrEqual(270_000)
        expect(often).toBeLessThanOrEqual(270_000 + 15_000)
        const daily = untilNextPass('0 3 * * *', NOW, random)
        expect(daily - (15 * 60 - 0.5) * 60_000).toBeLessThanOrEqual(30_000)
      }),
    )
    // So that a hundred sources with the same expression do not hit their host at once.
    expect(untilNextPass('0 3 * * *', NOW, 0.9)).not.toBe(untilNextPass('0 3 * * *', NOW, 0.1))
  })

  it('is never zero, even at that exact time', () => {
    expect(untilNextPass('0 12 * * *', Date.parse('2026-03-01T12:00:00Z'), 0)).toBe(86_400_000)
  })
})
