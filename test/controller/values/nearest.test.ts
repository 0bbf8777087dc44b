import { expect, test } from 'vitest'
import { nearest } from '../../../controller/values/nearest.ts'

const KNOWN = ['support/triage', 'support/refund', 'mail', 'a']

test.for([
  ['support/traige', 'support/triage'],
  ['suport/refnd', 'support/refund'],
  ['Mail', 'mail'],
  ['mali', 'mail'],
  ['male', undefined],
  ['b', 'a'],
  ['', undefined],
  ['billing/invoice', undefined],
] as const)('"%s" means %s', ([name, meant]) => {
  expect(nearest(name, KNOWN)).toBe(meant)
})
