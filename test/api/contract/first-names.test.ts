import { expect, test } from 'vitest'
import { firstNames } from '../../../api/contract/first-names.ts'

test('the first names are listed, and the others counted', () => {
  expect(firstNames(['a', 'b'], 2)).toBe('a, b')
  expect(firstNames(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more')
  expect(firstNames(['a', 'b'], 2, 10)).toBe('a, b and 8 more')
  expect(firstNames([], 2)).toBe('')
})
