import { describe, expect, it } from 'vitest'
import { canonicalJson, type Json, sha256 } from '../../../api/contract/version.ts'
import { readPromptText } from '../../../controller/desired/prompt-text.ts'
import fc from '../../support/fast-check.ts'

const read = (text: string | Uint8Array) =>
  readPromptText(typeof text === 'string' ? Buffer.from(text, 'utf8') : text)

function problemOf(text: string | Uint8Array): string {
  const result = read(text)
  return 'problem' in result ? result.problem : `no problem: ${JSON.stringify(result)}`
}

describe('a file without front matter', () => {
  it.each([
    ['plain', 'You are helpful.\n'],
    ['with CRLF', 'a\r\nb\r\n'],
    ['of white space', ' \n'],
    ['with a byte order mark', '\uFEFFtext'],
    ['that begins with a horizontal rule', '---\n\nA rule above.\n\n---\nmore\n'],
    ['between two rules that hold a sentence', '---\nJust a sentence.\n---\nmore'],
    ['between two rules that hold nothing', '---\n---\nmore'],
    ['between two rules that hold a list', '---\n- a\n- b\n---\nmore'],
    ['with a rule that never ends', '---\ndescription: x\nmore'],
    ['with four dashes', '----\na: b\n----\n'],
    ['with a rule further down', 'text\n---\na: b\n---\n'],
    ['with an indented rule', ' ---\na: b\n---\n'],
  ])('%s is content byte for byte', (_what, text) => {
    expect(read(text)).toEqual({
      content: text,
      variables: null,
      config: null,
      description: null,
      tags: [],
      label: sha256(text).slice(0, 12),
    })
  })
})

describe('front matter', () => {
  it('gives description, tags, variables and, with every other key, the config', () => {
    const text =
      '---\ndescription: d\ntags: [a, b]\nvariables: {name: {required: true}}\nmodel: m\ntemperature: 0.5\n---\nbody'
    const config = { model: 'm', temperature: 0.5 }
    const variables = { name: { required: true } }
    expect(read(text)).toEqual({
      content: 'body',
      description: 'd',
      tags: ['a', 'b'],
      variables,
      config,
      label: sha256(canonicalJson({ content: 'body', variables, config })).slice(0, 12),
    })
  })

  it.each([
    ['LF', '---\ndescription: d\n---\n'],
    ['CRLF', '---\r\ndescription: d\r\n---\r\n'],
    ['spaces after the dashes', '---  \ndescription: d\n---\t\n'],
    ['a byte order mark', '\uFEFF---\ndescription: d\n---\n'],
  ])('with %s ends with its line, and what follows is content byte for byte', (_what, matter) => {
    for (const body of ['x', '\nx', '\r\n x \r\n', '---\na: b\n---\n', '\u2028x', '\uFEFFx'])
      expect(read(matter + body)).toMatchObject({ content: body, description: 'd' })
  })

  it('ends only at a line of three dashes', () => {
    expect(read('---\ndescription: "a\u2028---\u2028b"\n---\nbody')).toMatchObject({
      content: 'body',
      description: 'a\u2028---\u2028b',
    })
    expect(read('---\nconfig: |\n  a\n  ---\n  b\n---\nbody')).toMatchObject({
      content: 'body',
      config: { config: 'a\n---\nb\n' },
    })
    expect(problemOf('---\ndescription: d\n---\u2028body')).toContain('no problem')
  })

  it('without config or variables leaves the label that of the content', () => {
    for (const matter of ['description: d', 'tags: []', 'variables: {}', 'variables: []', 'variables: null'])
      expect(read(`---\n${matter}\n---\nbody`)).toMatchObject({ label: sha256('body').slice(0, 12) })
  })

  it('never changes content or label by its metadata', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.array(fc.constantFrom('a', 'b', 'c')), (words, tags) => {
        const matter = `---\ndescription: ${JSON.stringify(words)}\ntags: ${JSON.stringify(tags)}\n---\n`
        expect(read(`${matter}body`)).toMatchObject({
          content: 'body',
          description: words,
          tags,
          label: sha256('body').slice(0, 12),
        })
      }),
    )
  })

  it('keeps dates, versions and yes as the texts that they are', () => {
    expect(read('---\nsince: 2026-01-31\nversion: 1.2.3\nagree: yes\n1: one\n---\nbody')).toMatchObject({
      config: { since: '2026-01-31', version: '1.2.3', agree: 'yes', 1: 'one' },
    })
  })

  it('may repeat a value by an alias', () => {
    expect(read('---\na: &x {b: 1}\nc: *x\n---\nbody')).toMatchObject({
      config: { a: { b: 1 }, c: { b: 1 } },
    })
  })

  const bomb = `a: &a [${'x,'.repeat(9)}x]\n${['b', 'c', 'd', 'e', 'f']
    .map((name, index) => `${name}: &${name} [${`*${'abcdef'[index]},`.repeat(9)}*${'abcdef'[index]}]\n`)
    .join('')}`
  it.each([
    ['broken YAML', 'a: [', 'not valid YAML'],
    ['a key twice', 'a: 1\na: 2', 'not valid YAML'],
    ['a number that JSON has not', 'a: .nan', 'JSON cannot hold'],
    ['endless numbers', 'a: [-.inf]', 'JSON cannot hold'],
    ['aliases that multiply', bomb, 'aliases'],
    ['an alias of nothing', 'a: *nothing', 'YAML'],
    ['an alias of itself', 'a: &a [*a]', 'front matter'],
    ['a key that is no text', '? [a, b]\n: c', 'not valid YAML'],
    ['a key that objects use up', '__proto__: {a: 1}', '__proto__'],
    ['half a character', 'a: "\\ud800"', 'JSON cannot hold'],
    ['an escaped NUL', 'a: "\\0"', 'NUL'],
    ['a description that is none', 'description: [a]', 'description'],
    ['a description that is too long', `description: ${'x'.repeat(2049)}`, '2049 bytes'],
    ['a tag that is no list', 'tags: a', 'tags'],
    ['a tag that is no text', 'tags: [1]', 'tags'],
    ['an empty tag', 'tags: [""]', 'tags'],
    ['a tag that is too long', `tags: [${'x'.repeat(129)}]`, 'tags'],
    ['too many tags', `tags: [${'x, '.repeat(50)}x]`, 'tags'],
    ['too large a config', `a: ${'x'.repeat(16 * 1024)}`, 'config'],
    ['too large variables', `variables: ${'x'.repeat(16 * 1024)}`, 'variables'],
    ['too deep a config', `a: ${'['.repeat(64)}${']'.repeat(64)}`, 'nested'],
  ])('with %s is refused with the reason', (_what, matter, reason) => {
    const problem = problemOf(`---\n${matter}\n---\nbody`)
    expect(problem).toContain(reason)
    expect(problem).toMatch(/\.$/)
  })

  it('may be as large and as deep as the registry takes it', () => {
    const deep = `${'['.repeat(63)}${']'.repeat(63)}`
    const matter = [
      `description: ${'x'.repeat(2048)}`,
      `tags: [${`${'t'.repeat(128)}, `.repeat(50)}]`,
      `variables: ${'v'.repeat(16 * 1024 - 2)}`,
      `deep: ${deep}`,
      `large: ${'c'.repeat(16 * 1024 - 8 - 10 - 126 - 2)}`,
    ].join('\n')
    expect(problemOf(`---\n${matter}\n---\nbody`)).toContain('no problem')
  })
})

describe('a file that cannot be a version', () => {
  it.each([
    ['empty', '', 'empty'],
    ['empty after its front matter', '---\ndescription: d\n---\n', 'empty'],
    ['with a NUL', 'a\0b', 'NUL'],
    ['not UTF-8', Buffer.from([0x61, 0xff]), 'UTF-8'],
    ['UTF-16', Buffer.from('\uFEFFab', 'utf16le'), 'UTF-8'],
    ['half a character', Buffer.from([0xed, 0xa0, 0x80]), 'UTF-8'],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n', 'LFS'],
    ['one byte too large', 'x'.repeat(256 * 1024 + 1), '262145 bytes'],
    ['too large by bytes, not characters', 'é'.repeat(128 * 1024 + 1), '262146 bytes'],
  ])('is one that is %s', (_what, text, reason) => {
    expect(problemOf(text)).toContain(reason)
  })

  it('is none at the very limit', () => {
    expect(read('x'.repeat(256 * 1024))).toMatchObject({ config: null })
    expect(read(`---\ndescription: d\n---\n${'é'.repeat(128 * 1024)}`)).toMatchObject({ description: 'd' })
  })
})

describe('any front matter that JSON can say', () => {
  it('is read back as it was', () => {
    const key = fc.string({ minLength: 1 }).filter((one) => one !== '__proto__')
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(
        fc.dictionary(key, value, { noNullPrototype: true }),
        fc.string({ minLength: 1 }),
        (settings, body) => {
          const config = JSON.parse(JSON.stringify({ settings })) as Json
          if (body.includes('\0') || JSON.stringify(config).includes('\\u0000')) return
          if (JSON.stringify(config).includes('"__proto__"')) return
          expect(read(`---\n${JSON.stringify(config)}\n---\n${body}`)).toMatchObject({
            config,
            content: body,
          })
        },
      ),
    )
  })
})
