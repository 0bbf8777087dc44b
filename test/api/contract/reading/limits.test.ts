import { describe, expect, it, vi } from 'vitest'
import { Parser } from 'yaml'
import { LIMITS } from '../../../../api/contract/limits.ts'
import { readFrontMatter, readPromptFile } from '../../../../api/contract/reading/index.ts'

const read = (yaml: string) => readFrontMatter(`---\n${yaml}\n---\n`, 'front-matter')
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('every limit', () => {
  const fields = [
    [
      'description',
      (size: number) => `description: ${'é'.repeat(size / 2)}${'x'.repeat(size % 2)}`,
      LIMITS.descriptionBytes,
    ],
    [
      'description from a list',
      (size: number) => `description: [${'x'.repeat(size - 2)}, y]`,
      LIMITS.descriptionBytes,
    ],
    ['number of tags', (size: number) => `tags: [${'t, '.repeat(size)}]`, LIMITS.tags],
    ['number of tags in text', (size: number) => `tags: t${', t'.repeat(size - 1)}`, LIMITS.tags],
    ['characters of a tag', (size: number) => `tags: [${'t'.repeat(size)}]`, LIMITS.tagCharacters],
    ['variables', (size: number) => `variables: ${'v'.repeat(size - 2)}`, LIMITS.configBytes],
    ['config', (size: number) => `a: ${'c'.repeat(size - 8)}`, LIMITS.configBytes],
    ['nesting', (size: number) => `a: ${nested(size - 1)}`, LIMITS.jsonDepth],
    [
      'nesting that an alias adds',
      (size: number) => `a: &a ${nested(10)}\nb: ${'['.repeat(size - 11)}*a${']'.repeat(size - 11)}`,
      LIMITS.jsonDepth,
    ],
    ['nesting of block lists', (size: number) => `a:\n  ${'- '.repeat(size - 1)}x`, LIMITS.jsonDepth],
  ] as const
  it.each(fields)('accepts the largest %s and refuses one more', (_what, make, most) => {
    expect(read(make(most))).not.toHaveProperty('code')
    expect(read(make(most + 1))).toMatchObject({
      code: expect.any(String),
      message: expect.stringMatching(/\d/),
    })
  })

  it('of the bytes added by aliases equals that of front matter', () => {
    const yaml = (times: number) => `a: &a ${'x'.repeat(1022)}\nb: [${'*a, '.repeat(times)}]`
    expect(read(yaml(40))).toMatchObject({ message: expect.stringMatching(/config.* bytes as JSON/) })
    expect(read(yaml(41))).toMatchObject({
      code: 'front_matter_value',
      line: 3,
      message: expect.stringContaining('Aliases'),
    })
  })

  it('of front matter counts bytes including both rules, and applies before parsing', () => {
    const parse = vi.spyOn(Parser.prototype, 'parse')
    const matter = (size: number) => `---\n# ${'é'.repeat((size - 12) / 2)}x\n---\n`
    expect(Buffer.byteLength(matter(LIMITS.frontMatterBytes))).toBe(LIMITS.frontMatterBytes)
    expect(readFrontMatter(matter(LIMITS.frontMatterBytes), 'front-matter')).toMatchObject({ config: null })
    parse.mockClear()
    expect(readFrontMatter(matter(LIMITS.frontMatterBytes + 4), 'front-matter')).toMatchObject({
      code: 'front_matter_too_large',
    })
    expect(parse).not.toHaveBeenCalled()
  })

  it('of content and file counts bytes', () => {
    const file = (text: string) => readPromptFile(Buffer.from(text), { path: 'a.md' })
    expect(file('é'.repeat(LIMITS.contentBytes / 2))).toMatchObject({ format: 'text' })
    expect(file(`---\na: b\n---\n${'é'.repeat(LIMITS.contentBytes / 2)}`)).toMatchObject({
      config: { a: 'b' },
    })
    expect(file(`${'é'.repeat(LIMITS.contentBytes / 2)}x`)).toMatchObject({ code: 'content_too_large' })
    expect(file('x'.repeat(LIMITS.fileBytes + 1))).toMatchObject({ code: 'file_too_large' })
  })
})
