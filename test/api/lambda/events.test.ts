import { describe, expect, test } from 'vitest'
import {
  type Asked,
  apiGatewayEvent,
  directPayload,
  functionUrlEvent,
  httpApiEvent,
} from '../../support/lambda/events.ts'
import { pushText, release } from '../../support/registry.ts'
import { lambdaUnderTest } from './lambda-under-test.ts'

const JSON_HEADERS = { 'content-type': 'application/json' }

const EVENTS: Readonly<Record<string, (asked: Asked) => unknown>> = {
  'a Function URL event': functionUrlEvent,
  'an API Gateway proxy event': apiGatewayEvent,
  'an HTTP API event': httpApiEvent,
  'a direct invocation': directPayload,
}

describe.each(Object.entries(EVENTS))('%s', (_name, event) => {
  test('resolves a prompt', async () => {
    const { send, writer } = lambdaUnderTest()
    await release(writer, 'support/triage', '1.3.0', 'You sort tickets.')
    const { status, headers, document } = await send(event({ path: '/prompts/support/triage' }))
    expect(status).toBe(200)
    expect(document).toMatchObject({ prompt_id: 'support/triage', content: 'You sort tickets.' })
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      etag: expect.stringMatching(/^"/),
      'x-request-id': 'request-1',
    })
  })

  test.each([
    '/prompts/support/triage@1.3.0+eu',
    '/prompts/support%2Ftriage%401.3.0%2Beu',
    '/prompts/support%2Ftriage@1.3.0+eu',
  ])('takes the path %s', async (path) => {
    const { send, writer } = lambdaUnderTest()
    await writer.push({ prompt_id: 'support/triage', content: 'European.', version: '1.3.0+eu' })
    await writer.promote('support/triage', { version: '1.3.0+eu' })
    expect((await send(event({ path }))).document).toMatchObject({ content: 'European.' })
  })

  test.each(['version=1.3.0+eu', 'version=1.3.0%2Beu'])('takes the query %s', async (query) => {
    const { send, writer } = lambdaUnderTest()
    await writer.push({ prompt_id: 'a', content: 'European.', version: '1.3.0+eu' })
    const { document } = await send(event({ path: '/prompts/a', query: `${query}&mode=dev` }))
    expect(document).toMatchObject({ content: 'European.' })
  })

  test.each(['POST', 'DELETE'])('takes a body with %s, in every script', async (method) => {
    const { send, writer, admin } = lambdaUnderTest()
    await pushText(writer, 'a', 'text')
    const body = JSON.stringify({ reason: 'Grüße 🙂' })
    const path = '/prompts/a/hold'
    expect((await send(event({ method, path, body, headers: JSON_HEADERS }))).status).toBe(200)
    if (method === 'POST') {
      const { events } = await admin.events('a')
      expect(events[0]).toMatchObject({ type: 'held', reason: 'Grüße 🙂' })
    }
  })

  test('takes a body in base64', async () => {
    const { send, admin } = lambdaUnderTest()
    const body = Buffer.from(JSON.stringify({ prompt_id: 'a', content: 'Grüße 🙂\n' })).toString('base64')
    const asked = { method: 'POST', path: '/prompts', body, headers: JSON_HEADERS }
    const base64 = { ...(event(asked) as object), isBase64Encoded: true }
    expect((await send(base64)).status).toBe(201)
    expect((await admin.resolve('a', { mode: 'dev' })).content).toBe('Grüße 🙂\n')
  })

  test('refuses as the registry does, with a document', async () => {
    const { send } = lambdaUnderTest()
    const { status, document } = await send(event({ path: '/prompts/nothing' }))
    expect([status, document.code]).toEqual([404, 'not_found'])
    const elsewhere = await send(event({ path: '/elsewhere' }))
    expect([elsewhere.status, elsewhere.document.code]).toEqual([404, 'route_not_found'])
    const wrong = await send(event({ method: 'PATCH', path: '/prompts' }))
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD, POST'])
  })
})

describe('headers', () => {
  test.each([functionUrlEvent, apiGatewayEvent])(
    '%o: If-None-Match gives 304 without a body',
    async (event) => {
      const { send, writer } = lambdaUnderTest()
      await release(writer, 'a', '1.0.0')
      const first = await send(event({ path: '/prompts/a' }))
      const headers = { 'if-none-match': String(first.headers.etag) }
      const second = await send(event({ path: '/prompts/a', headers }))
      expect([second.status, second.document]).toEqual([304, undefined])
    },
  )

  test('a body of another type is refused where the request has headers', async () => {
    const { send } = lambdaUnderTest()
    const asked = { method: 'POST', path: '/prompts', body: '{}', headers: { 'content-type': 'text/plain' } }
    for (const event of [functionUrlEvent(asked), apiGatewayEvent(asked)]) {
      expect((await send(event)).status).toBe(415)
    }
  })

  test('of several values each counts', async () => {
    const { send, writer } = lambdaUnderTest()
    await release(writer, 'a', '1.0.0')
    const { etag } = (await send(functionUrlEvent({ path: '/prompts/a' }))).headers
    const event = apiGatewayEvent({ path: '/prompts/a' })
    const multiValueHeaders = { ...event.multiValueHeaders, 'If-None-Match': ['"other"', String(etag)] }
    expect((await send({ ...event, multiValueHeaders })).status).toBe(304)
  })

  test('may be null in an API Gateway event, as in a test from its console', async () => {
    const { send } = lambdaUnderTest()
    const body = JSON.stringify({ prompt_id: 'a', content: 'text' })
    const event = apiGatewayEvent({ method: 'POST', path: '/prompts', body })
    expect((await send({ ...event, headers: null, multiValueHeaders: null })).status).toBe(201)
  })
})

describe('a direct invocation', () => {
  test('takes its query as parameters too', async () => {
    const { send, writer } = lambdaUnderTest()
    await pushText(writer, 'a', 'a draft')
    const event = {
      ...directPayload({ path: '/prompts/a' }),
      queryStringParameters: { mode: 'dev', x: null },
    }
    expect((await send(event)).document).toMatchObject({ content: 'a draft' })
    expect((await send(directPayload({ path: '/prompts/a' }))).status).toBe(404)
  })

  test('takes its body as an object too', async () => {
    const { send } = lambdaUnderTest()
    const body = { prompt_id: 'a', content: 'text' }
    expect((await send({ ...directPayload({ method: 'POST', path: '/prompts' }), body })).status).toBe(201)
  })

  test('may leave out rawPath, which is in the context as well', async () => {
    const { send } = lambdaUnderTest()
    expect((await send({ requestContext: { http: { method: 'GET', path: '/health' } } })).status).toBe(200)
  })
})

test.each([
  undefined,
  null,
  'GET /health',
  [],
  {},
  { rawPath: '/health' },
  { requestContext: { http: { method: 'GET' } } },
  { httpMethod: 'GET' },
  { 'detail-type': 'Scheduled Event', source: 'aws.events' },
  { Records: [{ eventSource: 'aws:sqs' }] },
])('%j is not an HTTP event, and the error shows one', async (event) => {
  const { send, errors } = lambdaUnderTest()
  const { status, document } = await send(event)
  expect(status).toBe(400)
  expect(document).toMatchObject({ code: 'invalid_request', error: expect.stringContaining('rawPath') })
  expect(errors).toEqual([])
})

test.each([
  { path: '/prompts/a', method: 'TRACE' },
  { path: '/prompts/a', method: 'NOT A METHOD' },
  { path: '/prompts/a', headers: { 'bad name': 'x' } },
])('%j cannot be a request: 400', async (asked) => {
  const { send } = lambdaUnderTest()
  const { status, document } = await send(functionUrlEvent(asked))
  expect([status, document.code]).toEqual([400, 'invalid_request'])
})

test('a question mark in a decoded path does not become a query', async () => {
  const { send, writer } = lambdaUnderTest()
  await pushText(writer, 'a', 'a draft')
  expect((await send(apiGatewayEvent({ path: '/prompts/a?mode=dev' }))).status).toBe(400)
})

test('a body with GET is ignored, as by a server', async () => {
  const { send } = lambdaUnderTest()
  expect((await send(functionUrlEvent({ path: '/health', body: 'x' }))).status).toBe(200)
})
