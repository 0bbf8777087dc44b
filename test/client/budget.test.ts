import { expect, test } from 'vitest'
import { tierBudgetMs } from '../../client/budget.ts'
import fc from '../support/fast-check.ts'

const network = { waitsFor: 'network' } as const
const disk = { waitsFor: 'disk' } as const
const memory = { waitsFor: 'nothing' } as const

test('the only tier has all the time', () => {
  expect(tierBudgetMs([network, memory], 10_000, 10_000)).toBe(10_000)
  expect(tierBudgetMs([disk], 10_000, 10_000)).toBe(10_000)
})

test('a little is left for the disk, whatever the timeout', () => {
  expect(tierBudgetMs([network, memory, disk], 10_000, 10_000)).toBe(9750)
  expect(tierBudgetMs([network, memory, disk], 100, 100)).toBe(80)
})

test('networks share evenly what is left', () => {
  expect(tierBudgetMs([network, network, memory], 10_000, 10_000)).toBe(5000)
  expect(tierBudgetMs([network, memory], 9990, 10_000)).toBe(9990)
})

test('the disk has its time even when a stalled process used it up; a network has none', () => {
  expect(tierBudgetMs([disk], -5, 10_000)).toBe(250)
  expect(tierBudgetMs([network], -5, 10_000)).toBe(0)
})

test('tiers that use up what they are given stay within the timeout', () => {
  const tiers = fc.array(fc.constantFrom(network, disk, memory), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(tiers, fc.integer({ min: 1, max: 60_000 }), (order, timeoutMs) => {
      const sorted = [...order].sort((a, b) => RANK[a.waitsFor] - RANK[b.waitsFor])
      // More than one disk or memory tier is never there.
      const plan = sorted.filter((tier, n) => tier === network || sorted.indexOf(tier) === n)
      let left = timeoutMs
      for (const [n, tier] of plan.entries()) {
        if (tier !== memory) left -= tierBudgetMs(plan.slice(n), left, timeoutMs)
      }
      expect(left).toBeGreaterThan(-plan.length)
    }),
  )
})

const RANK = { network: 0, nothing: 1, disk: 2 }
