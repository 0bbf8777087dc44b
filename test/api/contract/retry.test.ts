import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../../api/contract/retry.ts'
import fc from '../../support/fast-check.ts'

const BACKOFF = { firstMs: 100, longestMs: 1000 }

describe('the pause before a retry', () => {
  test('doubles up to the longest one', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 10_000].map((attempt) => backoffMs(attempt, BACKOFF, 0))
    expect(pauses).toEqual([50, 100, 200, 400, 500, 500, 500])
  })

  test('is between half and all of it', () => {
    expect([0, 0.25, 0.5, 0.75].map((random) => backoffMs(1, BACKOFF, random))).toEqual([50, 63, 75, 88])
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), random, (attempt, random) => {
        const whole = Math.min(100 * 2 ** (attempt - 1), 1000)
        expect(backoffMs(attempt, BACKOFF, random)).toBeGreaterThanOrEqual(whole / 2)
        expect(backoffMs(attempt, BACKOFF, random)).toBeLessThanOrEqual(whole)
      }),
    )
  })

  test('is a whole number of milliseconds', () => {
    expect(backoffMs(1, { firstMs: 5, longestMs: 50 }, 0.3)).toBe(3)
  })
})
