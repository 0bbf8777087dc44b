import { describe, expect, test } from 'vitest'
import {
  canonicalJson,
  identityLabel,
  isNothing,
  type Json,
  sha256,
  versionIdentity,
} from '../../../api/contract/index.ts'
import fc from '../../support/fast-check.ts'

const json = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>

/** The same value with the keys of every object in another order. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner as Json)]),
  )
}

describe('the identity of a version', () => {
  test('is the SHA-256 of its text where there is nothing else', () => {
    const hash = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
    expect(versionIdentity({ content: 'hello' })).toBe(hash)
    expect(sha256('hello')).toBe(hash)
    expect(identityLabel(hash)).toBe('2cf24dba5fb0')
    for (const nothing of [null, [], {}])
      expect(versionIdentity({ content: 'hello', config: nothing, variables: nothing })).toBe(hash)
  })

  test('stays what it is for ever, as every registry must give one text one label', () => {
    const body = { content: 'hello', variables: ['who'], config: { model: 'm', temperature: 0.5 } }
    expect(versionIdentity(body)).toBe(
      sha256('{"config":{"model":"m","temperature":0.5},"content":"hello","variables":["who"]}'),
    )
  })

  test('does not depend on the order of keys, and depends on everything else', () => {
    fc.assert(
      fc.property(fc.string(), json, json, (content, config, other) => {
        const identity = versionIdentity({ content, config })
        expect(versionIdentity({ content, config: shuffled(config) })).toBe(identity)
        const same = canonicalJson(config) === canonicalJson(other) || (isNothing(config) && isNothing(other))
        expect(versionIdentity({ content, config: other }) === identity).toBe(same)
        if (!isNothing(config)) expect(versionIdentity({ content, variables: config })).not.toBe(identity)
      }),
    )
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

  test('sorts keys by code units, not as people do', () => {
    expect(canonicalJson({ b: 1, a: 1, B: 1, é: 1, '10': 1, '9': 1 })).toBe(
      '{"10":1,"9":1,"B":1,"a":1,"b":1,"é":1}',
    )
  })
})
