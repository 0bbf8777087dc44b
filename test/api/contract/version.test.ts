import { describe, expect, test } from 'vitest'
import {
  bareIdentity,
  canonicalJson,
  fileIdentity,
  identityLabel,
  isIdentityLabel,
  isNothing,
  type Json,
  sha256,
} from '../../../api/contract/index.ts'
import fc from '../../support/fast-check.ts'

const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>

/** The same value with the keys of every object in a different order. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner as Json)]),
  )
}

describe('the identity of a version without a file', () => {
  test('is the SHA-256 of its content if there is nothing else', () => {
    const hash = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
    expect(bareIdentity({ content: 'hello' })).toBe(hash)
    expect(sha256('hello')).toBe(hash)
    expect(identityLabel(hash)).toBe('2cf24dba5fb0')
    for (const nothing of [null, [], {}])
      expect(bareIdentity({ content: 'hello', config: nothing, variables: nothing, tags: [] })).toBe(hash)
  })

  test('never changes, since every registry must give one version one label', () => {
    const body = { content: 'hello', variables: ['who'], config: { model: 'm', temperature: 0.5 } }
    expect(bareIdentity(body)).toBe(
      sha256('{"config":{"model":"m","temperature":0.5},"content":"hello","variables":["who"]}'),
    )
    expect(bareIdentity({ ...body, description: 'd', tags: ['t'] })).toBe(
      sha256(
        '{"config":{"model":"m","temperature":0.5},"content":"hello","description":"d","tags":["t"],"variables":["who"]}',
      ),
    )
  })

  test('does not depend on the order of keys, and depends on everything else', () => {
    fc.assert(
      fc.property(fc.string(), json, json, (content, config, other) => {
        const identity = bareIdentity({ content, config })
        expect(bareIdentity({ content, config: shuffled(config) })).toBe(identity)
        const same = canonicalJson(config) === canonicalJson(other) || (isNothing(config) && isNothing(other))
        expect(bareIdentity({ content, config: other }) === identity).toBe(same)
        if (!isNothing(config)) expect(bareIdentity({ content, variables: config })).not.toBe(identity)
        expect(bareIdentity({ content, config, description: 'd' })).not.toBe(identity)
        expect(bareIdentity({ content, config, tags: ['d'] })).not.toBe(identity)
      }),
    )
  })
})

describe('the identity of a file', () => {
  const file = sha256('---\na: b\n---\ntext\n')

  test('is the SHA-256 that sha256sum prints, unless the layout adds something', () => {
    for (const nothing of [null, {}, { tags: [] }, { description: undefined }])
      expect(fileIdentity(file, nothing)).toBe(file)
    const described = fileIdentity(file, { description: 'd' })
    expect(described).toBe(sha256(`{"additions":{"description":"d"},"file_sha256":"${file}"}`))
    expect(fileIdentity(file, { description: 'd', tags: ['t'] })).not.toBe(described)
  })

  test('of a file without front matter is that of its content pushed alone', () => {
    expect(fileIdentity(sha256('hello'))).toBe(bareIdentity({ content: 'hello' }))
  })
})

describe('a label that looks like one made from an identity', () => {
  test.each([
    ['2cf24dba5fb0', true],
    ['123456789012', true],
    ['2CF24DBA5FB0', false],
    ['2cf24dba5fb', false],
    ['2cf24dba5fb00', false],
    ['1.3.0', false],
  ])('%s: %s', (label, expected) => {
    expect(isIdentityLabel(label)).toBe(expected)
  })
})

describe('canonical JSON', () => {
  test('is JSON of the same value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test('sorts keys by code units, not by locale', () => {
    expect(canonicalJson({ b: 1, a: 1, B: 1, é: 1, '10': 1, '9': 1 })).toBe(
      '{"10":1,"9":1,"B":1,"a":1,"b":1,"é":1}',
    )
  })
})
