import { describe, expect, test } from 'vitest'
import { allowedMethods, demandCleanUrl, routingPath } from '../../../api/http/paths.ts'

const path = (after: string) => routingPath({ url: `http://localhost:8080${after}` })

describe('the path by which a request is routed', () => {
  test.each([
    ['/prompts/a/b/versions', '/prompts/a%2Fb/versions'],
    ['/prompts/a%2Fb/versions', '/prompts/a%2Fb/versions'],
    ['/prompts/a%2fb/c/versions', '/prompts/a%2fb%2Fc/versions'],
    ['/prompts/a/versions', '/prompts/a/versions'],
    ['/prompts/a/b', '/prompts/a%2Fb'],
    ['/prompts/a/b@1.3.0', '/prompts/a%2Fb@1.3.0'],
    ['/prompts/a/b@1.3.0/diff', '/prompts/a%2Fb@1.3.0/diff'],
    ['/prompts/a', '/prompts/a'],
  ])('%s becomes %s: an id is one segment, raw or encoded', (raw, routed) => {
    expect(path(raw)).toBe(routed)
  })

  test.each([
    ['/prompts/versions', '/prompts/versions'],
    ['/prompts//versions', '/prompts/%2Fversions'],
    ['/prompts/a/versions/', '/prompts/a%2Fversions%2F'],
    ['/prompts/a%2Fversions', '/prompts/a%2Fversions'],
    ['/prompts/a/versions/promote', '/prompts/a%2Fversions/promote'],
  ])('%s becomes %s: a route word counts only as the raw last segment after an id', (raw, routed) => {
    expect(path(raw)).toBe(routed)
  })

  test.each([
    '/prompts/a%2520b',
    '/prompts/a+b@1+x',
    '/prompts/a%20b',
    '/prompts/a%zzb',
    '/prompts/%E2%82%AC',
  ])('%s keeps its encoding', (raw) => {
    expect(path(raw)).toBe(raw)
  })

  test.each(['/', '/prompts', '/sources/a/ledger', '/health', '/promptsx/a/b', '/x/prompts/a/b'])(
    '%s is unchanged, because it is not a prompt path',
    (raw) => {
      expect(path(raw)).toBe(raw)
    },
  )

  test('the query and the fragment do not belong to it', () => {
    expect(path('/prompts/a/b?x=/prompts/c/d')).toBe('/prompts/a%2Fb')
    expect(path('/prompts/a/b#c/d')).toBe('/prompts/a%2Fb')
    expect(path('?x=1')).toBe('/')
    expect(path('')).toBe('/')
  })
})

describe('the encoding of a URL', () => {
  test.each([
    '/prompts/%',
    '/prompts/%2',
    '/prompts/%zz',
    '/prompts/%ff',
    '/prompts?prefix=%c3',
    '/%ed%a0%80',
  ])('%s is refused with invalid_request', (after) => {
    expect(() => demandCleanUrl(`http://localhost${after}`)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })

  test('a NUL is refused with invalid_text, but "%2500" is accepted', () => {
    expect(() => demandCleanUrl('http://localhost/prompts/a%00b')).toThrow(
      expect.objectContaining({ code: 'invalid_text' }),
    )
    expect(() => demandCleanUrl('http://localhost/prompts/a%2500b')).not.toThrow()
  })

  test('all of UTF-8 is accepted', () => {
    expect(() => demandCleanUrl('http://localhost/prompts/%E2%82%AC%2F+%20')).not.toThrow()
  })
})

describe('the methods of a path', () => {
  const routes = [
    { method: 'get', path: '/prompts/{ref}' },
    { method: 'post', path: '/prompts/{id}/hold' },
    { method: 'delete', path: '/prompts/{id}/hold' },
  ]

  test('are those of every route with that path, and HEAD comes with GET', () => {
    expect(allowedMethods(routes, '/prompts/a%2Fb')).toEqual(['GET', 'HEAD'])
    expect(allowedMethods(routes, '/prompts/a%2Fb/hold')).toEqual(['POST', 'DELETE'])
  })

  test('are empty if no route has the path', () => {
    expect(allowedMethods(routes, '/prompts/a/nothing')).toEqual([])
    expect(allowedMethods(routes, '/prompts/')).toEqual([])
    expect(allowedMethods(routes, '/x/prompts/a')).toEqual([])
  })
})
