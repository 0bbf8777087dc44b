import { expect, test } from 'vitest'
import { matchesEntityTag } from '../../../api/http/etag.ts'
import { entityTag } from '../../../api/registry/entity-tag.ts'

test('an entity tag is strong, quoted and differs with any byte', () => {
  expect(entityTag('a')).toMatch(/^"[\w-]{43}"$/)
  expect(entityTag('a')).toBe(entityTag('a'))
  expect(entityTag('a')).not.toBe(entityTag('b'))
})

test.each([
  ['"x"', true],
  ['W/"x"', true],
  ['"a", W/"b", "x"', true],
  ['"a","x"', true],
  ['*', true],
  [' * ', true],
  ['"a", "b"', false],
  ['x', false],
  ['"xx"', false],
  ['"a,"x"', false],
  ['', false],
  [null, false],
  [undefined, false],
])('If-None-Match %s names the tag "x": %s', (header, matches) => {
  expect(matchesEntityTag(header, '"x"')).toBe(matches)
})
