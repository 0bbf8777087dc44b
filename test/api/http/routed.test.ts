import fc from 'fast-check'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { allowedMethods, routingPath } from '../../../api/http/paths.ts'
import { findRoute, routed } from '../../../api/http/routed.ts'
import { ROUTES } from '../../../api/http/routes/index.ts'
import * as schemas from '../../../api/http/routes/schemas.ts'

const all = ROUTES.map((route) => ({ route }))

/** The route that Hono finds, as on a server. */
function honoOn(): Hono {
  const app = new Hono({ getPath: routingPath })
  for (const { method, path, operationId } of ROUTES)
    app.on(method, path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) =>
      c.json([operationId, c.req.path, c.req.param(), c.req.queries()]),
    )
  app.notFound((c) => c.json(['none', c.req.path]))
  return app
}

const hono = honoOn()

function found(method: string, url: string): unknown[] {
  const raw = new Request(url, { method })
  const handler = findRoute(all, raw)
  const request = routed(raw, raw.url, handler?.route.path)
  if (handler === undefined) return ['none', request.path]
  return [handler.route.operationId, request.path, request.param(), request.queries()]
}

const word = fc.constantFrom(
  ...new Set(ROUTES.flatMap(({ path }) => path.split('/').slice(1))),
  ...['a', 'a%2Fb', 'a@1.0.0+x', 'ä', '%C3%A4', 'x y', 'versions', '', ':id', '*', '{id}', 'constructor'],
)
const query = fc.constantFrom('', '?', '?mode=dev', '?a=1&a=2&b', '?v=1+2%2B3', '?%C3%A4=%C3%A4&__proto__=1')
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')

describe('the route of a request', () => {
  test('is the one that Hono finds, with the same parameters', async () => {
    const property = fc.asyncProperty(
      ...([method, fc.array(word, { maxLength: 6 }), query] as const),
      async (verb, words, end) => {
        const url = `http://localhost/${words.join('/')}${end}`
        const response = await hono.request(new Request(url, { method: verb === 'HEAD' ? 'GET' : verb }))
        const expected = (await response.json()) as unknown[]
        expect(JSON.parse(JSON.stringify(found(verb, url)))).toEqual(expected)
      },
    )
    const empty = [
      ['prompts', ''],
      ['sets', ''],
      ['sources', '', 'set'],
    ]
    const examples = empty.map((words): [string, string[], string] => ['GET', words, ''])
    await fc.assert(property, { numRuns: 2000, examples })
  })

  test.each(ROUTES.map(({ method, path, operationId }) => ({ method, path, operationId })))(
    'of $method $path is this one and no other',
    ({ method, path: pattern, operationId }) => {
      const url = `http://localhost${pattern.replaceAll(/\{\w+\}/g, 'x')}`
      expect(findRoute(all, { method: method.toUpperCase(), url })?.route.operationId).toBe(operationId)
      const same = ROUTES.filter((route) => route.method === method)
      const path = routingPath({ url, method: method.toUpperCase() })
      expect(same.filter((route) => allowedMethods([route], path).length > 0)).toHaveLength(1)
    },
  )
})

describe('a parameter that may be any text', () => {
  const cases = ROUTES.flatMap(({ operationId, anyText = [], schemas: of }) =>
    anyText.map((name) => ({ operationId, name, of })),
  )

  test.each(cases)('$name of $operationId passes validation unchanged', ({ name, of }) => {
    const { params, query } = of(schemas)
    const field = params?.shape[name] ?? query?.shape[name]
    const inPath = params?.shape[name] !== undefined
    const property = fc.property(fc.string({ minLength: inPath ? 1 : 0 }), (text) => {
      expect(field?.parse(text)).toBe(text)
    })
    fc.assert(property)
  })

  test('is required only in a path, and nothing else is required', () => {
    for (const { anyText, schemas: of, path } of ROUTES) {
      if (anyText === undefined) continue
      const { params, query, body } = of(schemas)
      expect(query?.parse({}) ?? {}, path).toEqual({})
      expect(anyText).toEqual(expect.arrayContaining(Object.keys(params?.shape ?? {})))
      expect(body, path).toBeUndefined()
    }
  })
})
