import { describe, expect, test } from 'vitest'
import { ROUTES } from '../../../api/http/routes/index.ts'
import { appUnderTest } from './app-under-test.ts'

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly { in: string; name: string; required?: boolean }[]
  readonly requestBody?: { required: boolean; content: Record<string, { schema: object }> }
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}
interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Record<string, Record<string, Operation>>
  readonly tags: readonly { readonly name: string }[]
  readonly components: {
    schemas: Record<string, { additionalProperties?: unknown }>
    securitySchemes: object
  }
}

const response = await appUnderTest().app.request('/openapi.json')
const document = (await response.clone().json()) as Document
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)
const operation = (id: string) => {
  const found = operations.find(({ operation }) => operation.operationId === id)?.operation
  if (found === undefined) throw new Error(`No operation ${id}.`)
  return found
}

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
  )
}

describe('the OpenAPI document', () => {
  test('is OpenAPI 3.1, public and cacheable by its tag', async () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/)
    expect(document.info.title).toBe('Prompt Registry')
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+$/)
    const headers = { 'if-none-match': response.headers.get('etag') ?? '' }
    expect((await appUnderTest().app.request('/openapi.json', { headers })).status).toBe(304)
  })

  test('shows every route of the app, and no other', () => {
    const { app } = appUnderTest()
    const routed = app.routes.map(({ method, path }) => `${method} ${path}`).sort()
    const shown = operations
      .map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`)
      .sort()
    expect(shown).toEqual(routed)
    expect(shown).toHaveLength(ROUTES.length)
  })

  test('resolves every $ref, and has no unused schema', () => {
    const used = new Set(references(document))
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)
    expect([...used].sort()).toEqual(known.sort())
  })

  test('names every operation once, with a tag and a summary', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { operation } of operations) {
      expect(tags).toEqual(expect.arrayContaining([...operation.tags]))
      expect(operation.summary).not.toBe('')
    }
  })

  test('declares each parameter of a path, required', () => {
    for (const { path, operation } of operations) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(declared.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
      expect(declared.every(({ required }) => required)).toBe(true)
    }
  })

  test('uses one error document for every failure of every operation', () => {
    for (const { operation } of operations) {
      const failures = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400)
      expect(failures.map(([status]) => status)).toEqual(expect.arrayContaining(['500', '503']))
      for (const [, failure] of failures) {
        expect(failure.content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Error' })
        expect(failure.description).toMatch(/`\w+`/)
      }
    }
  })

  test('has the statuses of the error table for reads and writes', () => {
    expect(Object.keys(operation('resolvePrompt').responses)).toEqual(
      expect.arrayContaining(['200', '304', '400', '401', '403', '404']),
    )
    expect(operation('promoteVersion').responses['409']?.description).toContain('`revoked`')
    expect(operation('resolvePrompt').responses['404']?.description).toContain('`revoked`')
    expect(Object.keys(operation('pushVersion').responses)).toEqual(
      expect.arrayContaining(['200', '201', '409', '413', '415']),
    )
  })

  test('requires a token everywhere except on open routes', () => {
    expect(document.components.securitySchemes).toMatchObject({ token: { type: 'http', scheme: 'bearer' } })
    const open = operations.filter(({ operation }) => operation.security?.length === 0)
    expect(open.map(({ path }) => path).sort()).toEqual(['/health', '/openapi.json'])
    for (const { operation } of open) expect(operation.responses['401']).toBeUndefined()
  })

  test('requires a body only if a field is required', () => {
    expect(operation('pushVersion').requestBody?.required).toBe(true)
    expect(operation('liftHold').requestBody?.required).toBe(false)
    expect(operation('resolvePrompt').requestBody).toBeUndefined()
  })

  test('forbids extra fields in requests and allows them in responses', () => {
    expect(document.components.schemas.PushRequest?.additionalProperties).toBe(false)
    expect(document.components.schemas.PushedOrigin?.additionalProperties).toBe(false)
    expect(document.components.schemas.ResolvedPrompt?.additionalProperties).toBeUndefined()
    expect(document.components.schemas.Origin?.additionalProperties).toBeUndefined()
  })
})
