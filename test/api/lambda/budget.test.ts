import { expect, test } from 'vitest'
import { budgetMs } from '../../../api/lambda/budget.ts'

test.each([
  ['resolvePrompt', 10_000, 1_800],
  ['resolvePrompts', 10_000, 1_800],
  ['health', 10_000, 1_800],
  ['none', 10_000, 5_000],
  ['listPrompts', 10_000, 5_000],
  ['lookUpPrompts', 10_000, 9_000],
  ['promoteVersion', 30_000, 5_000],
  ['runBatch', 30_000, 25_000],
  ['runBatch', Number.POSITIVE_INFINITY, 25_000],
  ['runBatch', 12_000, 11_000],
  ['pushVersion', 3_000, 2_000],
  ['resolvePrompt', 1_000, 500],
  ['resolvePrompt', 100, 50],
])('%s in a function with %i ms left takes at most %i ms', (operation, remainingMs, expected) => {
  expect(budgetMs(operation, remainingMs)).toBe(expected)
})
