import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../../controller/values/duration.ts'

describe('a duration', () => {
  test.each([
    ['0s', 0],
    ['30s', 30_000],
    ['90m', 5_400_000],
    ['60h', 216_000_000],
    ['3d', 259_200_000],
  ])('of %s has %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '60', 'm', '1w', '1ms', '1M', '-1h', '1.5h', '60 h', ' 1h', '1h30m', '1h\n'])(
    'is not "%s"',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )
})
