import { expect, test } from 'vitest'
import { limitsOf } from '../../../api/lambda/budget.ts'

test.each([
  ['resolvePrompt', 10_000, 1_800, 1_800],
  ['resolvePrompts', 10_000, 1_800, 1_800],
  ['health', 10_000, 1_800, 1_800],
  ['none', 10_000, 9_000, 1_800],
  ['listPrompts', 10_000, 9_000, 1_800],
  ['lookUpPrompts', 10_000, 9_000, 9_000],
  ['promoteVersion', 30_000, 25_000, 1_800],
  ['recordSource', 30_000, 25_000, 1_800],
  ['runBatch', 30_000, 25_000, 25_000],
  ['runBatch', Number.POSITIVE_INFINITY, 25_000, 25_000],
  ['runBatch', 12_000, 11_000, 11_000],
  ['pushVersion', 3_000, 2_000, 1_800],
  ['resolvePrompt', 1_000, 500, 500],
  ['pushVersion', 100, 50, 50],
])(
  '%s in a function with %i ms left takes at most %i ms, %i without an answer',
  (operation, remainingMs, totalMs, stallMs) => {
    expect(limitsOf(operation, remainingMs)).toEqual({ totalMs, stallMs })
  },
)
