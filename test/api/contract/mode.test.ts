import { expect, test } from 'vitest'
import { effectiveMode, MODES, type Mode, parseMode, seesDrafts } from '../../../api/contract/index.ts'

test('simulation and dev see drafts, staging and production do not', () => {
  expect(MODES.map((mode) => [mode, seesDrafts(mode)])).toEqual([
    ['simulation', true],
    ['dev', true],
    ['staging', false],
    ['production', false],
  ])
})

test('the names of the execution engine are accepted', () => {
  expect(['backtest', 'paper', 'live'].map(parseMode)).toEqual(['simulation', 'staging', 'production'])
})

test.each<[readonly Mode[], Mode]>([
  [MODES, 'production'],
  [['simulation', 'dev', 'staging'], 'staging'],
  [['dev', 'simulation'], 'dev'],
  [['simulation'], 'simulation'],
])('a request without a mode, if %j are allowed, uses %s', (allowed, mode) => {
  expect(effectiveMode(undefined, allowed)).toBe(mode)
})

test('a mode that is not allowed is refused with the allowed ones', () => {
  expect(() => effectiveMode('backtest', ['staging', 'production'])).toThrow(
    expect.objectContaining({
      code: 'mode_not_allowed',
      message: expect.stringContaining('staging, production'),
    }),
  )
})
