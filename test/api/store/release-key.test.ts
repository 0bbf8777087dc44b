import { compare } from 'semver'
import { expect, test } from 'vitest'
import { releaseKey } from '../../../api/store/release-key.ts'
import fc from '../../support/fast-check.ts'
import { releases } from '../../support/registry-arbitraries.ts'

const order = (a: string, b: string) => (a < b ? -1 : Number(a > b))

test('keys sort by code units in the order of their releases', () => {
  fc.assert(
    fc.property(releases, releases, (a, b) => {
      expect(order(releaseKey(a), releaseKey(b))).toBe(compare(a, b))
    }),
    { numRuns: 5000 },
  )
})

test('keys sort by bytes as by code units', () => {
  fc.assert(
    fc.property(releases, releases, (a, b) => {
      const [left, right] = [releaseKey(a), releaseKey(b)]
      expect(Buffer.compare(Buffer.from(left), Buffer.from(right))).toBe(order(left, right))
    }),
  )
})

test('numbers too large for JavaScript sort by size', () => {
  const ascending = ['7', '9007199254740993', '10000000000000000000', '99999999999999999999', 'a']
  const keys = ascending.map((identifier) => releaseKey(`1.0.0-${identifier}`))
  expect(keys.toSorted()).toEqual(keys)
})

test('a name that is not a release has no key', () => {
  expect(() => releaseKey('1.2')).toThrow('not a release')
})
