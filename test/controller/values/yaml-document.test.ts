import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { LIMITS } from '../../../api/contract/limits.ts'
import { ConfigError, readYaml } from '../../../controller/values/yaml-document.ts'
import fc from '../../support/fast-check.ts'

const read = (text: string) => readYaml(text, z.unknown(), 'file.yaml')

function problemOf(text: string): string {
  try {
    return `no problem: ${JSON.stringify(read(text))}`
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

describe('a YAML document', () => {
  it.each([
    ['at the top', 'a: 1\nb: 2\na: 3\n', 'line 3, column 1'],
    ['in a list', 'x:\n  - {b: 1, b: 2}\n', 'line 2, column 12'],
    ['in two spellings', 'a: 1\n"a": 2\n', 'line 2, column 1'],
    ['in a mapping of a mapping', 'x:\n  y:\n    a: 1\n    a: 2\n', 'line 4, column 5'],
    ['as a number and as text', '1: a\n"1": b\n', 'line 2, column 1'],
  ])('may not have a key twice: %s', (_where, text, place) => {
    expect(problemOf(text)).toBe(`file.yaml is not valid YAML: Map keys must be unique at ${place}.`)
  })

  it('may have a key in several mappings', () => {
    expect(read('a: {b: 1}\nc: {b: 2}\nd: [{b: 3}, {b: 4}]\n')).toEqual({
      a: { b: 1 },
      c: { b: 2 },
      d: [{ b: 3 }, { b: 4 }],
    })
  })

  it('is rejected for its first error', () => {
    expect(problemOf('a: [\n')).toMatch(/^file\.yaml is not valid YAML: .+ at line \d+, column \d+\.$/)
    expect(problemOf('a: 1\na: [\n')).toContain('is not valid YAML')
  })

  it('may have an alias of an anchor, and no other', () => {
    expect(read('a: &one [1]\nb: *one\n')).toEqual({ a: [1], b: [1] })
    expect(problemOf('a: 1\nb: *one\n')).toBe(
      'file.yaml is not valid YAML: An alias has no anchor at line 2, column 4.',
    )
  })

  it('is a mapping, or nothing but comments', () => {
    const mapping = z.strictObject({ a: z.number().optional() })
    expect(readYaml('# a: 1\n', mapping, 'file.yaml')).toEqual({})
    for (const text of ['- a\n', 'a\n', '1\n'])
      expect(() => readYaml(text, mapping, 'file.yaml')).toThrow(/expected object/)
  })

  it.each([
    ['flow sequences', '['.repeat(60_000)],
    ['flow mappings', 'a: '.concat('{a: '.repeat(15_000))],
    ['sequences on one line', '- '.repeat(30_000).concat('a')],
    ['explicit keys', '? '.repeat(30_000)],
  ])('may not be nested without end: %s', (_what, text) => {
    expect(problemOf(text)).toMatch(/nested too deep at line 1/)
  })

  it('may be nested as deep as JSON may be', () => {
    const nested = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(problemOf(nested(LIMITS.jsonDepth - 1))).toContain('no problem')
    expect(problemOf(nested(LIMITS.jsonDepth))).toContain('nested')
  })

  it('may not grow by its aliases beyond what front matter may have', () => {
    const bytes = LIMITS.frontMatterBytes
    expect(problemOf(`a: &one ${'x'.repeat(bytes - 1)}\nb: *one\n`)).toContain('no problem')
    expect(problemOf(`a: &one ${'x'.repeat(bytes)}\nb: *one\n`)).toContain('Aliases add more than')
  })

  it('is read as JSON, whatever the JSON', () => {
    const key = fc.string({ minLength: 1 }).filter((one) => one !== '__proto__' && one !== '<<')
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.dictionary(key, fc.string(), { noNullPrototype: true }),
    )
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (document) => {
        expect(read(JSON.stringify(document))).toEqual(document)
      }),
    )
  })
})
