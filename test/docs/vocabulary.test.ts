import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openApiDocument } from '../../api/http/routes/index.ts'

const page = readFileSync('docs/vocabulary.md', 'utf8')
const [concepts = '', ...sections] = page.split(/^## /m)
const { compare } = new Intl.Collator('en')

/** The rows of the table below a heading, as name and meaning. */
function rowsBelow(heading: string): readonly (readonly [name: string, meaning: string])[] {
  const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| `(.+?)` \| (.+) \|$/gm)].map(([, name = '', meaning = '']) => [
    name,
    meaning,
  ])
}

function boldWords(text: string): string[] {
  return [...text.matchAll(/\*\*(.+?)\*\*/g)].map(([, word = '']) => word)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The names of all properties in a JSON Schema, and of all parameters if it is an OpenAPI document. */
function fieldNames(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(fieldNames)
  if (!isObject(schema)) return []
  const { properties, ...rest } = schema
  const named = isObject(properties) ? properties : {}
  const parameter = typeof schema.in === 'string' && typeof schema.name === 'string' ? [schema.name] : []
  return [
    ...parameter,
    ...Object.keys(named),
    ...Object.values(named).flatMap(fieldNames),
    ...Object.values(rest).flatMap(fieldNames),
  ]
}

const schemasByHeading = {
  'Fields of the API': [await openApiDocument()],
  'Fields of the configuration': globSync('docs/*.schema.json').map((file): unknown =>
    JSON.parse(readFileSync(file, 'utf8')),
  ),
}

describe.each(Object.entries(schemasByHeading))('the table "%s"', (heading, schemas) => {
  const rows = rowsBelow(heading)

  test('has one row for each field of the schemas and no other, in alphabetical order', () => {
    const names = [...new Set(fieldNames(schemas))].toSorted(compare)
    expect(rows.map(([name]) => name)).toEqual(names)
  })

  test('explains each field in sentences', () => {
    for (const [name, meaning] of rows) expect(meaning, name).toMatch(/^(?:[A-Z`]|true|false).*\.$/)
  })

  test('has only bold words that the table of concepts explains', () => {
    const explained = boldWords(concepts)
    expect(
      rows.flatMap(([, meaning]) => boldWords(meaning)).filter((word) => !explained.includes(word)),
    ).toEqual([])
  })
})
