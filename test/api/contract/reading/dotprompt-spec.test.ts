import { globSync, readFileSync } from 'node:fs'
import { Dotprompt, type Message } from 'dotprompt'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  isFileProblem,
  type PromptMessage,
  readFrontMatter,
  readPrompt,
  splitFile,
} from '../../../../api/contract/reading/index.ts'
import { isJsonObject, type JsonObject } from '../../../../api/contract/reading/json-object.ts'
import { picoschemaToJsonSchema } from '../../../../api/contract/reading/picoschema.ts'
import type { Json } from '../../../../api/contract/version.ts'
import { SHARED_DATA, sharedDataMissing } from '../../../support/shared-data.ts'

interface Data {
  readonly input?: Readonly<Record<string, unknown>>
  readonly messages?: readonly Message[]
}

interface Vector {
  readonly name: string
  readonly template: string
  readonly partials?: Readonly<Record<string, string>>
  readonly resolverPartials?: Readonly<Record<string, string>>
  readonly schemas?: object
  readonly data?: Data
  readonly tests: readonly Test[]
}

interface Test {
  readonly data?: Data
  readonly options?: { readonly input?: { readonly default?: Readonly<Record<string, unknown>> } }
  readonly expect: {
    readonly messages?: readonly Message[]
    readonly input?: { readonly schema?: Json }
    readonly output?: { readonly schema?: Json }
  }
}

const missing = sharedDataMissing('dotprompt-spec')
/** Media and sections are parts of messages that our readings leave as text. */
const LEFT_OUT = ['media.yaml', 'section.yaml']

/** Where we differ from the specification, and why. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'role.yaml system_only_prompt 1': 'Without {{history}}, the caller decides where earlier messages go.',
}

const vectors = globSync('*.yaml', { cwd: `${SHARED_DATA}dotprompt-spec` })
  .filter((file) => !LEFT_OUT.includes(file))
  .sort()
  .flatMap((file) =>
    (parse(readFileSync(`${SHARED_DATA}dotprompt-spec/${file}`, 'utf8')) as Vector[]).map((vector) => ({
      file,
      vector,
    })),
  )
  .filter(({ vector }) => vector.resolverPartials === undefined && vector.schemas === undefined)

const tests = vectors.flatMap(({ file, vector }) =>
  vector.tests.map((test, index) => ({ title: `${file} ${vector.name} ${index + 1}`, vector, test })),
)

describe('the test vectors of dotprompt', () => {
  it('are there', (context) => {
    if (missing !== undefined) context.skip(missing)
    expect(tests.length).toBeGreaterThan(75)
  })

  it.each(tests)('$title has the same messages', async ({ title, vector, test }) => {
    const input = { ...vector.data?.input, ...test.data?.input }
    const data = { ...vector.data, ...test.data, input }
    const actual = await messagesOf(vector, data, test.options)
    const expected = (test.expect.messages ?? []).map(plain)
    if (Object.hasOwn(DIFFERENCES, title)) expect(actual).not.toEqual(expected)
    else expect(actual).toEqual(expected)
  })

  const schemas = tests.flatMap(({ title, vector, test }) =>
    (['input', 'output'] as const).flatMap((key) => {
      const expected = test.expect[key]?.schema
      return expected === undefined ? [] : [{ title, key, vector, expected }]
    }),
  )

  it.each(schemas)('$title has the same schema of $key', ({ key, vector, expected }) => {
    const { config } = fileOf(vector)
    const value = isJsonObject(config ?? undefined) ? (config as JsonObject)[key] : undefined
    const schema = isJsonObject(value) ? (value.schema ?? null) : null
    expect(picoschemaToJsonSchema(schema)).toEqual(expected)
  })
})

function fileOf({ template }: Vector) {
  const { frontMatter, content, format } = splitFile(template, { path: 'a.prompt' })
  const matter = readFrontMatter(frontMatter, format)
  if (isFileProblem(matter)) throw new Error(matter.message)
  return { ...matter, frontMatter, content, format, templateLanguage: 'handlebars' } as const
}

/** Our messages, each rendered by the reference implementation. */
async function messagesOf(vector: Vector, data: Data, options: Test['options']) {
  const file = fileOf(vector)
  const { messages, readingProblem } = readPrompt(file)
  expect(readingProblem).toBeNull()
  const parts: readonly PromptMessage[] = messages ?? [{ role: 'user', content: file.content }]
  const oracle = new Dotprompt({ ...(vector.partials && { partials: { ...vector.partials } }) })
  const rendered = await Promise.all(
    parts.map(async ({ role, content }) => {
      if (content === undefined) return (data.messages ?? []).map(plain)
      const { messages: history, ...others } = data
      const found = await oracle.render(`${file.frontMatter}${content}`, others, options)
      return found.messages.map((one) => ({ ...plain(one), role }))
    }),
  )
  return rendered.flat().filter(({ text }) => text !== '')
}

function plain({ role, content }: Message) {
  const text = content.map((part) => ('text' in part ? part.text : ''))
  return { role: String(role), text: text.join('').trim() }
}
