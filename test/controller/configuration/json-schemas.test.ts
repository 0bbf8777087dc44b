import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { JSON_SCHEMAS } from '../../../controller/configuration/json-schemas.ts'

const docs = new URL('../../../docs/', import.meta.url)

describe('the published schemas', () => {
  it.each(Object.entries(JSON_SCHEMAS))(
    '%s is up to date: if not, run scripts/schemas.ts',
    async (name, schema) => {
      expect(JSON.parse(await readFile(new URL(name, docs), 'utf8'))).toEqual(
        JSON.parse(JSON.stringify(schema)),
      )
    },
  )

  const check = (name: string) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const validate = ajv.compile(JSON_SCHEMAS[name] ?? {})
    return (yaml: string) => validate(parse(yaml))
  }

  it('accept the examples in the docs, and reject unknown keys', async () => {
    const isConfig = check('promptctl.schema.json')
    const page = await readFile(new URL('sources.md', docs), 'utf8')
    const [example = ''] = /^ {4}registry: \{ store[\s\S]*?(?=\n\n)/m.exec(page) ?? []
    expect(example).toContain('massChange')
    expect(isConfig(example.replaceAll(/^ {4}/gm, ''))).toBe(true)
    expect(isConfig('sources: [{ name: a, repository: /r }]')).toBe(true)
    expect(isConfig('sources: [{ name: a, repository: /r, idprefix: x }]')).toBe(false)
  })

  it('reject fields in a repository that only the platform may set', () => {
    const isLayout = check('promptctl-source.schema.json')
    expect(
      isLayout('directories: [src]\nfrontMatter: false\nprompts: { a: { description: d, tags: [t] } }'),
    ).toBe(true)
    for (const key of [
      'branch: x',
      'releases: ["v{version}"]',
      'credentials: {}',
      'idPrefix: x/',
      'prune: true',
      'verify: { tags: off }',
    ])
      expect(isLayout(key)).toBe(false)
  })
})
