import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readingOf, readPromptFile } from '../../../../api/contract/reading/index.ts'
import { sha256 } from '../../../../api/contract/version.ts'
import { SHARED_DATA, sharedDataMissing } from '../../../support/shared-data.ts'

interface Expected {
  readonly file?: string
  /** A prompt file and its sidecars, if the layout makes them one prompt. */
  readonly files?: readonly string[]
  readonly refused?: true
  readonly line?: number
  readonly format: string
  readonly content: string
  readonly front_matter: string
  readonly description: string | null
  readonly tags: readonly string[]
  readonly config: unknown
  readonly repaired_keys: readonly string[]
  readonly template_language: string | null
  readonly inputs: unknown
  readonly messages: unknown
  readonly template: string | null
  readonly reading_problem: string | null
  readonly file_sha256: string
  readonly label: string
}

const missing = sharedDataMissing('formats')
const noFrontMatter = sharedDataMissing('front-matter')
const readings = globSync('formats/*.expected.json', { cwd: SHARED_DATA }).sort()

describe('the sample files', () => {
  it('are there', (context) => {
    if (missing !== undefined) context.skip(missing)
    expect(readings.length).toBeGreaterThanOrEqual(17)
  })

  it.each(readings)('are read as in %s', (name) => {
    const expected = JSON.parse(readFileSync(`${SHARED_DATA}${name}`, 'utf8')) as Expected
    const [path = expected.file ?? '', ...others] = expected.files ?? []
    const textOf = (name: string) => readFileSync(`${SHARED_DATA}formats/${name}`, 'utf8')
    const texts = Object.fromEntries(others.map((name) => [basename(name), textOf(name)]))
    const sidecars = others.length === 0 ? null : { main: basename(path), texts }
    const file = readPromptFile(readFileSync(`${SHARED_DATA}formats/${path}`), { path, sidecars })
    if (expected.file === undefined) {
      if ('code' in file) return expect(file).toBeUndefined()
      const { content, template_language: templateLanguage, description, inputs, messages } = expected
      expect(file).toMatchObject({ content, templateLanguage, description })
      return expect(readingOf(file, path)).toMatchObject({ inputs, messages })
    }
    if (expected.refused === true)
      return expect(file).toMatchObject({ code: 'front_matter_not_yaml', line: expected.line })
    if ('code' in file) return expect(file).toBeUndefined()
    const { content, frontMatter } = file
    expect({ content, frontMatter }).toEqual({
      content: expected.content,
      frontMatter: expected.front_matter,
    })
    expect(sha256(frontMatter + content)).toBe(expected.file_sha256)
    expect(expected.file_sha256.startsWith(expected.label)).toBe(true)
    expect(file).toMatchObject({
      format: expected.format,
      templateLanguage: expected.template_language,
      description: expected.description,
      tags: expected.tags,
      config: expected.config,
      repairedKeys: expected.repaired_keys,
    })
    expect(readingOf(file, expected.file)).toEqual({
      inputs: expected.inputs,
      messages: expected.messages,
      template: expected.template,
      readingProblem: expected.reading_problem,
    })
  })
})

const FRONT_MATTER: readonly (readonly [name: string, content: string, values: object])[] = [
  ['blank-first-line.md', 'You greet.\n', { description: 'First line is blank.', config: null }],
  ['empty.md', 'Only the body is the prompt.\n', { frontMatter: '---\n---\n', config: null }],
  ['tags-as-text.md', 'Body.\n', { tags: ['billing', 'refunds'], description: 'a\nlist', config: null }],
  [
    'unquoted-colon-and-glob.mdc',
    'Write strict types.\n',
    {
      description: 'Use this: always',
      config: { globs: '**/*.ts, src/**', alwaysApply: false },
      repairedKeys: ['description', 'globs'],
    },
  ],
  [
    'yaml-extras.md',
    'Body.\n',
    { tags: ['2024', 'v2'], config: { model: 'MODEL', base: { t: 0 }, settings: { t: 0, top_p: 1 } } },
  ],
]

describe('the sample front matter', () => {
  for (const [name, content, values] of FRONT_MATTER) {
    it(`of ${name} is read`, (context) => {
      if (noFrontMatter !== undefined) context.skip(noFrontMatter)
      const file = readPromptFile(readFileSync(`${SHARED_DATA}front-matter/${name}`), { path: name })
      expect(file).toMatchObject({ format: 'front-matter', content, ...values })
    })
  }
})
