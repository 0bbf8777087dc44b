import { expect, test } from 'vitest'
import { localBudgetMs, tierBudgetMs } from '../../client/budget.ts'
import fc from '../support/fast-check.ts'

const shares = (tiersLeft: number, hasLocal = false, timeoutMs = 10_000) => ({
  tiersLeft,
  timeoutMs,
  hasLocal,
})

test('the only tier has all the time', () => {
  expect(tierBudgetMs(10_000, shares(1))).toBe(10_000)
})

test('a little is left for a local file, whatever the timeout', () => {
  expect(tierBudgetMs(10_000, shares(1, true))).toBe(9750)
  expect(tierBudgetMs(100, shares(1, true, 100))).toBe(80)
})

test('tiers share evenly what is left', () => {
  expect(tierBudgetMs(10_000, shares(2))).toBe(5000)
  expect(tierBudgetMs(9990, shares(1))).toBe(9990)
})

test('the local file has its time even if a stalled process used it up; a registry has none', () => {
  expect(localBudgetMs(10_000)).toBe(250)
  expect(tierBudgetMs(-5, shares(1))).toBe(0)
})

test('tiers that use up their budgets stay within the timeout', () => {
  const tiers = fc.integer({ min: 1, max: 4 })
  fc.assert(
    fc.property(tiers, fc.boolean(), fc.integer({ min: 1, max: 60_000 }), (count, hasLocal, timeoutMs) => {
      let remaining = timeoutMs
      for (let left = count; left > 0; left--)
        remaining -= tierBudgetMs(remaining, { tiersLeft: left, timeoutMs, hasLocal })
      if (hasLocal) remaining -= localBudgetMs(timeoutMs)
      // Each budget is rounded up.
      expect(remaining).toBeGreaterThanOrEqual(-count)
    }),
  )
})
