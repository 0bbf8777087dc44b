import { describe, expect, test } from 'vitest'
import { RegistryError } from '../../../api/contract/index.ts'
import { ROUTES } from '../../../api/http/routes/index.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const SECRET = 'SQLITE_CORRUPT: /var/lib/registry.db'

describe('what goes wrong inside', () => {
  test.each([
    ['an error', new Error(SECRET)],
    ['a thrown text', SECRET],
    ['nothing at all', undefined],
    ['an internal refusal', new RegistryError('internal', SECRET, { details: { file: SECRET } })],
  ])('%s is a plain 500 with the request id, and its cause is only in the log', async (_what, thrown) => {
    const { registry, lines, ask } = appUnderTest()
    registry.tell('list', () => {
      throw thrown
    })
    const response = await ask('/prompts')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(text)).toEqual({
      error:
        'The registry had an internal error. Try again; if it happens again, send the request id r1 to its operator.',
      code: 'internal',
      details: { request_id: 'r1' },
    })
    expect(response.headers.get('x-request-id')).toBe('r1')
    expect(lines).toEqual([
      { message: 'GET /prompts failed', facts: { request_id: 'r1', code: 'internal', error: thrown } },
    ])
  })

  test('a busy or unreachable store is 503 with Retry-After, and never shows its cause', async () => {
    for (const code of ['busy', 'unavailable'] as const) {
      const { registry, lines, ask } = appUnderTest()
      const error = new RegistryError(code, 'The store is away; try again.', { cause: new Error(SECRET) })
      registry.tell('list', () => Promise.reject(error))
      const response = await ask('/prompts')
      expect(response.headers.get('retry-after')).toBe('1')
      expect(await response.json()).toEqual({ error: 'The store is away; try again.', code })
      expect(lines).toMatchObject([{ facts: { request_id: 'r1', code, error } }])
    }
  })

  test('a refusal carries its details, is no line in the log and has no Retry-After', async () => {
    const { registry, lines, post } = appUnderTest()
    registry.tell('push', () => {
      throw new RegistryError('version_exists', 'Taken.', { details: { identical: true } })
    })
    const response = await post('/prompts', { prompt_id: 'a', content: 'x' })
    expect(response.headers.get('retry-after')).toBeNull()
    expect(await refusal(response)).toEqual({
      status: 409,
      error: 'Taken.',
      code: 'version_exists',
      details: { identical: true },
    })
    expect(lines).toEqual([])
  })
})

describe('health', () => {
  test('is 200 while the store answers', async () => {
    const { app } = appUnderTest()
    const response = await app.request('/health')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  test.each([
    ['refuses', new RegistryError('busy', 'Busy.')],
    ['breaks', new Error(SECRET)],
  ])('is 503 unavailable when the store %s', async (_what, error) => {
    const { registry, lines, app } = appUnderTest()
    registry.tell('health', () => Promise.reject(error))
    const answer = await refusal(await app.request('/health'))
    expect(answer).toMatchObject({ status: 503, code: 'unavailable' })
    expect(JSON.stringify(answer)).not.toContain(SECRET)
    expect(lines[0]?.facts.error).toMatchObject({ cause: error })
  })
})

describe('a path without a route', () => {
  test.each(['/', '/nope', '/prompts/', '/sources/a/b', '/sources/a/ledger/x', '/healthz', '/Prompts'])(
    '%s is 404 with the next step',
    async (path) => {
      const { ask } = appUnderTest()
      const answer = await refusal(await ask(path))
      expect(answer).toMatchObject({ status: 404, code: 'route_not_found' })
      expect(answer.error).toBe(`No route matches GET ${path}; GET /openapi.json lists all routes.`)
    },
  )

  test('has a request id too', async () => {
    const { ask } = appUnderTest()
    expect((await ask('/nope')).headers.get('x-request-id')).toBe('r1')
  })

  test('is named at most in part', async () => {
    const { ask } = appUnderTest()
    expect((await refusal(await ask(`/${'x'.repeat(5000)}`))).error.length).toBeLessThan(300)
  })
})

describe('a method that the path does not take', () => {
  test.each([
    ['PUT', '/prompts', 'GET, HEAD, POST'],
    ['DELETE', '/prompts/a/b', 'GET, HEAD'],
    ['POST', '/prompts/a/b@1.0', 'GET, HEAD'],
    ['POST', '/prompts/versions', 'GET, HEAD'],
    ['GET', '/prompts/a%2Fb/promote', 'POST'],
    ['HEAD', '/prompts/a/b/promote', 'POST'],
    ['PATCH', '/prompts/a/b/hold', 'POST, DELETE'],
    ['OPTIONS', '/sources/s', 'GET, HEAD, PUT'],
    ['GET', '/batch', 'POST'],
    ['POST', '/health', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('%s %s is 405 with Allow: %s', async (method, path, allow) => {
    const { registry, ask } = appUnderTest()
    const response = await ask(path, { method })
    expect(response.headers.get('allow')).toBe(allow)
    expect(response.status).toBe(405)
    if (method !== 'HEAD') expect(await response.json()).toMatchObject({ code: 'method_not_allowed' })
    expect(registry.calls).toEqual([])
  })

  test('is found on every route', async () => {
    for (const route of ROUTES) {
      const path = route.path.replaceAll(/\{\w+\}/g, 'a')
      const { ask } = appUnderTest()
      expect((await ask(path, { method: 'PATCH' })).headers.get('allow')).toContain(
        route.method.toUpperCase(),
      )
    }
  })
})

describe('a URL', () => {
  test.each(['/prompts/%zz', '/prompts/a%', '/prompts/%ff/versions', '/prompts?prefix=%ff', '/sources/%c3'])(
    'that is not percent-encoded UTF-8 is 400: %s',
    async (path) => {
      const { registry, ask } = appUnderTest()
      const answer = await refusal(await ask(path))
      expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
      expect(answer.error).toContain('percent-encoded')
      expect(registry.calls).toEqual([])
    },
  )

  test('with a NUL is 400', async () => {
    const { ask } = appUnderTest()
    expect(await refusal(await ask('/prompts/a%00'))).toMatchObject({ status: 400, code: 'invalid_text' })
    expect(await refusal(await ask('/prompts?prefix=%00'))).toMatchObject({
      status: 400,
      code: 'invalid_text',
    })
  })

  test('is decoded once', async () => {
    const { registry, ask } = appUnderTest()
    await ask('/prompts/a%252Fb')
    expect(registry.call.args[0]).toBe('a%2Fb')
  })
})
