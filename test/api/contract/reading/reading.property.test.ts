import { describe, expect, it, vi } from 'vitest'
import { Parser, parse, stringify } from 'yaml'
import {
  FORMATS,
  isFileProblem,
  readFrontMatter,
  readPromptFile,
  splitFile,
} from '../../../../api/contract/reading/index.ts'
import type { Json } from '../../../../api/contract/version.ts'
import fc, { runs } from '../../../support/fast-check.ts'

/** Building blocks of files with and without front matter, valid and invalid. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '---',
      '\n',
      '\r\n',
      '\uFEFF',
      ' ',
      '\t',
      '# ',
      ': ',
      '- ',
      'a: b',
      'tags: a, b',
      'description: c: d',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!t ',
      '!!set ',
      '|\n',
      '>\n',
      '<<: ',
      '? ',
      '...',
      '\0',
      '%',
      '@',
      '`',
      '\\',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
)
const anyFile = fc.oneof(
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  fc.array(piece, { maxLength: 20 }).map((pieces) => `---\na: b\n${pieces.join('')}\n---\nx`),
)
const options = fc.record(
  { path: fc.constantFrom(null, 'a.md', 'a.prompt', 'a.prompty', 'a'), frontMatter: fc.boolean() },
  { requiredKeys: [] },
)

describe('any file', () => {
  it('is front matter and content together, which split again into the same parts', () => {
    fc.assert(
      fc.property(anyFile, options, (text, how) => {
        const split = splitFile(text, how)
        expect(split.frontMatter + split.content).toBe(text)
        const { notices, ...parts } = split
        expect(splitFile(text, { ...how, format: split.format })).toMatchObject(parts)
      }),
      { numRuns: runs(300) },
    )
  })

  it('has the same front matter with any other content', () => {
    fc.assert(
      fc.property(anyFile, options, anyFile, (text, how, content) => {
        const { frontMatter } = splitFile(text, how)
        fc.pre(frontMatter.endsWith('\n'))
        expect(splitFile(frontMatter + content, how)).toMatchObject({ frontMatter, content })
      }),
      { numRuns: runs(100) },
    )
  })

  it('is read or refused with a message, and never throws', () => {
    fc.assert(
      fc.property(anyFile, options, fc.constantFrom(...FORMATS), (text, how, format) => {
        const lines = text.split('\n').length
        for (const result of [readPromptFile(Buffer.from(text), how), readFrontMatter(text, format)]) {
          const reports = 'code' in result ? [result] : result.notices
          for (const { line = 1, message } of reports) {
            expect(message).toMatch(/\.$/)
            expect(line >= 1 && line <= lines).toBe(true)
          }
        }
      }),
      { numRuns: runs(500) },
    )
  })

  it('of any bytes is read or refused too', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => void readPromptFile(bytes)))
  })
})

describe('valid YAML', () => {
  const key = fc.string({ minLength: 1 }).filter((one) => one !== '__proto__')
  const settings = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>, {
    noNullPrototype: true,
    minKeys: 1,
  })
  const isPlain = (value: Json) => !/\\u0000|"__proto__"|"<<"/.test(JSON.stringify(value))

  it('gives the same result as the yaml package, in block and flow style', () => {
    fc.assert(
      fc.property(
        settings,
        fc.constantFrom('BLOCK_LITERAL', 'QUOTE_DOUBLE', 'PLAIN'),
        fc.boolean(),
        (value, type, isFlow) => {
          const config = JSON.parse(JSON.stringify({ settings: value })) as Json
          fc.pre(isPlain(config))
          const yaml = isFlow
            ? JSON.stringify(config)
            : stringify(config, { defaultStringType: type, lineWidth: 0 })
          const result = readFrontMatter(`---\n${yaml.trimEnd()}\n---\n`, 'front-matter')
          expect(result).toMatchObject({ config, repairedKeys: [], notices: [] })
          expect(parse(yaml)).toEqual(config)
        },
      ),
    )
  })
})

describe('a value of any characters', () => {
  it('is the text of its line if it is invalid YAML', () => {
    const text = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab:*&!@%,|>-? "\'') })
    fc.assert(
      fc.property(text, (value) => {
        const result = readFrontMatter(`---\nx: 1\nkey: ${value}\nlast: 1\n---\n`, 'front-matter')
        if (isFileProblem(result)) return
        if (result.repairedKeys.length > 0)
          expect(result.config).toEqual({ x: 1, key: value.trim(), last: 1 })
        else expect(parse(`key: ${value}`, { logLevel: 'error' })).toBeDefined()
      }),
      { numRuns: runs(300) },
    )
  })
})

describe('the work for one file', () => {
  const SIZE = 40_000
  const keys = (make: (index: number) => string, each: number) =>
    Array.from({ length: SIZE / each }, (_, index) => make(index)).join('')
  const hostile: readonly (readonly [string, string])[] = [
    ['thousands of keys', keys((index) => `k${index}: 1\n`, 10)],
    ['thousands of one key', 'k: 1\n'.repeat(SIZE / 5)],
    ['thousands of values that are not YAML', keys((index) => `k${index}: b: c\n`, 14)],
    ['values that YAML would nest', 'a: b: c\n'.repeat(SIZE / 8)],
    ['one bad value and thousands of good ones', `x: b: c\n${'a: 1\n'.repeat(SIZE / 5 - 2)}`],
    ['thousands of stray lines', `a: 1\n${'x\n'.repeat(SIZE / 2 - 3)}`],
    ['quotes that nothing closes', `a: "x\n`.repeat(SIZE / 6)],
    ['one quote that nothing closes', `a: "${'x\n '.repeat(SIZE / 3 - 2)}`],
    ['brackets that nothing closes', `a: ${'['.repeat(SIZE - 5)}`],
    ['braces that nothing closes', `a: ${'{'.repeat(SIZE - 5)}`],
    ['brackets that nothing opens', `a: ${']'.repeat(SIZE - 5)}`],
    ['deep lists on one line', `a:\n ${'- '.repeat(SIZE / 2 - 5)}`],
    ['deep keys on one line', `a: ${'b: '.repeat(SIZE / 3 - 3)}`],
    ['deep explicit keys', '? '.repeat(SIZE / 2 - 2)],
    ['a deep JSON', `{"a": ${'{"a": '.repeat(SIZE / 6 - 3)}`],
    ['a long line', `a: ${'x'.repeat(SIZE - 5)}`],
    ['a long key', `${'x'.repeat(SIZE - 5)}: a`],
    ['blank lines', `a:${'\n'.repeat(SIZE - 5)} b`],
    ['commas', `a: [${',.'.repeat(SIZE / 2 - 5)}]`],
    ['tags', `a: [${'!a b,'.repeat(SIZE / 5 - 5)}]`],
    ['anchors', keys((index) => `k${index}: &a${index} 1\n`, 16)],
    ['aliases of one anchor', `a: &a 1\nb: [${'*a,'.repeat(SIZE / 3 - 10)}]`],
    ['aliases of no anchor', `b: [${'*a,'.repeat(SIZE / 3 - 10)}]`],
    ['merges of one anchor', `a: &a {b: 1}\n${'<<: *a\n'.repeat(SIZE / 7 - 5)}`],
    ['escapes that YAML does not know', `a: "${'\\q'.repeat(SIZE / 2 - 5)}"`],
  ]

  it.each(hostile)('parses %s at most six times, character by character', (_what, yaml) => {
    const parser = vi.spyOn(Parser.prototype, 'parse')
    const text = `---\n${yaml}\n---\nx`
    const result = readPromptFile(Buffer.from(text), { path: 'a.md' })
    const parsed = parser.mock.calls.reduce((sum, [source]) => sum + source.replace(/^---\n/, '').length, 0)
    parser.mockRestore()
    expect(parsed).toBeLessThanOrEqual(6 * text.length)
    expect('code' in result ? result.code : result.format).toMatch(/^front.matter/)
  })

  it('for nested aliases stops at the limit of added bytes', () => {
    const names = 'abcdefghijklmnop'
    const bomb = [...names]
      .map(
        (name, index) => `${name}: &${name} [${`${index === 0 ? 'x' : `*${names[index - 1]}`},`.repeat(10)}]`,
      )
      .join('\n')
    expect(readFrontMatter(`---\n${bomb}\n---\n`, 'front-matter')).toMatchObject({
      code: 'front_matter_value',
      line: 6,
      message: expect.stringContaining('Aliases'),
    })
    const merges = [...names]
      .map(
        (name, index) =>
          `${name}: &${name} {x${index}: 1, ${index === 0 ? '' : `a: *${names[index - 1]}, <<: *${names[index - 1]}`}}`,
      )
      .join('\n')
    expect(readFrontMatter(`---\n${merges}\n---\n`, 'front-matter')).toMatchObject({
      code: 'front_matter_value',
    })
  })
})
