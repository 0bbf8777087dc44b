import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { isErrorCode } from '../../../api/contract/errors.ts'
import { ROUTES } from '../../../api/http/routes/index.ts'
import { createLambdaHandler } from '../../../api/lambda/handler.ts'
import { openEmbeddedRegistry } from '../../../api/server.ts'
import { WEBHOOK_HOST_NAMES } from '../../../controller/values/webhook-host-names.ts'
import { WEBHOOK_HOSTS } from '../../../controller/watch/webhook/hosts.ts'
import { createWebhookReceiver } from '../../../controller/watch/webhook/receiver.ts'
import fc from '../fast-check.ts'
import { apiGatewayEvent, functionUrlEvent, httpApiEvent } from '../lambda/events.ts'
import { makeRegistry, release } from '../registry.ts'
import { scratchFolder } from '../scratch.ts'
import { type FuzzedRequest, fuzzedRequests } from './requests.ts'
import { hostile, spoilt } from './schema-values.ts'

const HOLDERS = ['none', 'wrong', 'read', 'write', 'admin'] as const
type Holder = (typeof HOLDERS)[number]
const tokenOf = (holder: Holder) => `the-fuzzed-token-of-${holder}`

/** A registry that listens, with something in it and a token for each kind of access. */
async function listening() {
  const folder = await scratchFolder()
  const tokens = (['read', 'write', 'admin'] as const).map((access) => ({
    name: access,
    access,
    sources: access === 'write' ? ['git'] : [],
    token: tokenOf(access),
  }))
  const errors: unknown[] = []
  const log = { error: (message: string, facts: unknown) => void errors.push({ message, facts }) }
  const registry = openEmbeddedRegistry({ file: join(folder, 'registry.db'), tokens, log })
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await server.close()
    registry.close()
  })
  const ask = (path: string, holder: Holder, init: RequestInit = {}) =>
    fetch(server.url + path, {
      ...init,
      headers: {
        'content-type': 'application/json',
        ...(holder !== 'none' && { authorization: `Bearer ${tokenOf(holder)}` }),
      },
    })
  for (const [prompt_id, version] of [
    ['p', '1.0.0'],
    ['p', '1.1.0'],
    ['team/p', '1.0.0'],
  ]) {
    const push = { prompt_id, version, content: `text of ${version}`, origin: { source: 'git' } }
    const post = (path: string, body: unknown) =>
      ask(path, 'admin', { method: 'POST', body: JSON.stringify(body) })
    await (await post('/prompts', push)).text()
    if (version === '1.0.0')
      await (
        await post(`/prompts/${encodeURIComponent(prompt_id ?? '')}/promote`, { version, source: 'git' })
      ).text()
  }
  return { url: server.url, ask }
}

/** Requests made from the contract: none is a fault of the registry, and each is answered as the contract says. */
export async function fuzzTheContract(numRuns: number): Promise<void> {
  const { ask } = await listening()
  await fc.assert(
    fc.asyncProperty(fuzzedRequests, fc.constantFrom(...HOLDERS), async (request, holder) => {
      const { method, path, body, documented, operationId } = request
      const response = await ask(path, holder, { method, ...(body !== undefined && { body }) })
      const text = await response.text()
      expect(response.status, text).toBeLessThan(500)
      const document = text === '' ? {} : JSON.parse(text)
      if (response.status >= 400) {
        expect(isErrorCode(document.code), text).toBe(true)
        expect(document.error).toMatch(/^\S[\s\S]*[.?]$/)
      }
      const isRoute = !['route_not_found', 'method_not_allowed'].includes(document.code)
      if (isRoute) expectRights(request, holder, response.status)
      if (isRoute)
        expect([operationId, documented]).toEqual([operationId, expect.arrayContaining([response.status])])
    }),
    { numRuns },
  )
  expect((await ask('/health', 'none')).status).toBe(200)
  expect((await ask('/prompts', 'read')).status).toBe(200)
}

/** What nobody may do is never done, whatever else is wrong with the request. */
function expectRights({ operationId }: FuzzedRequest, holder: Holder, status: number): void {
  const access = ROUTES.find((route) => route.operationId === operationId)?.access
  if (access === 'open' || access === undefined) return
  if (holder === 'none') expect([operationId, status]).toEqual([operationId, 401])
  if (holder === 'wrong') expect([401, 429]).toContain(status)
  const order = ['read', 'write', 'admin']
  if (order.includes(holder) && order.indexOf(holder) < order.indexOf(access))
    expect([operationId, status]).toEqual([operationId, 403])
}

const HEAD = 'POST /prompts HTTP/1.1\r\nHost: localhost\r\n'
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((all) => Buffer.from(all)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(HEAD + text)),
  fc
    .tuple(fc.string({ maxLength: 20 }), fc.string({ maxLength: 40 }))
    .map(([method, path]) => Buffer.from(`${method} /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)),
  fc.nat(100_000).map((size) => Buffer.from(`${HEAD}X: ${'y'.repeat(size)}\r\n\r\n`)),
  fc
    .uint8Array({ maxLength: 100 })
    .map((body) => Buffer.concat([Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`), body])),
)

/** Bytes that are no request, or hardly one: the connection ends, and the server goes on. */
export async function fuzzTheSocket(numRuns: number): Promise<void> {
  const { url, ask } = await listening()
  const port = Number(new URL(url).port)
  await fc.assert(
    fc.asyncProperty(bytes, async (sent) => {
      const socket = connect({ port, host: '127.0.0.1' })
      let answer = ''
      socket.on('data', (part) => {
        answer += part
      })
      const closed = once(socket, 'close').catch(() => undefined)
      socket.on('error', () => undefined)
      socket.end(sent)
      await closed
      for (const [, status] of answer.matchAll(/^HTTP\/1\.1 (\d+)/gm))
        expect(Number(status), answer).toBeLessThan(500)
    }),
    { numRuns },
  )
  expect((await ask('/health', 'none')).status).toBe(200)
}

const EVENTS = [functionUrlEvent, apiGatewayEvent, httpApiEvent] as const

/** Events that AWS would not send, and requests from the contract as events that it would. */
export async function fuzzTheEvents(numRuns: number): Promise<void> {
  const { registry, admin, close } = makeRegistry()
  onTestFinished(close)
  await release(admin, 'p', '1.0.0')
  const faults: unknown[] = []
  const handler = createLambdaHandler({
    registry,
    observer: {
      finished: () => undefined,
      info: () => undefined,
      error: (message, facts) => void faults.push({ message, facts }),
    },
    readOnly: false,
    clock: () => 0,
    newId: () => 'id',
  })
  const events = fc
    .record({
      request: fuzzedRequests,
      made: fc.constantFrom(...EVENTS),
      path: fc.array(fc.nat(20), { maxLength: 4 }),
      by: fc.option(hostile),
    })
    .map(({ request, made, path, by }) => {
      const { method, body } = request
      const [pathname = '', query = ''] = request.path.split('?')
      const event = made({
        method,
        path: pathname,
        query,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body }),
      })
      return by === null ? event : spoilt(event, path, by)
    })
  await fc.assert(
    fc.asyncProperty(fc.oneof({ arbitrary: events, weight: 5 }, fc.jsonValue()), async (event) => {
      const { statusCode, body } = await handler(event)
      expect(statusCode, body).toBeLessThan(500)
      if (body !== '') JSON.parse(body)
    }),
    { numRuns },
  )
  expect(faults).toEqual([])
}

/** Deliveries of strangers: none is taken, none is a fault. */
export async function fuzzTheWebhooks(numRuns: number): Promise<void> {
  const receive = createWebhookReceiver({
    endpoints: new Map(
      WEBHOOK_HOST_NAMES.map((name) => [name, { host: WEBHOOK_HOSTS[name], secrets: ['a secret'] }]),
    ),
    hint: () => {
      throw new Error('a delivery of a stranger was taken')
    },
  })
  const names = [
    ...WEBHOOK_HOST_NAMES.flatMap((name) => WEBHOOK_HOSTS[name].signedBy),
    'x-github-event',
    'x-gitlab-event',
    'x-event-key',
    'webhook-id',
    'webhook-timestamp',
    'content-length',
  ]
  const value = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 80 }).map((text) => text.trim()),
    fc.constantFrom(
      `sha256=${'0'.repeat(64)}`,
      '0'.repeat(64),
      'push',
      'ping',
      'v1,AAAA',
      '1',
      '99999999999',
      '-1',
    ),
  )
  const deliveries = fc.record({
    name: fc.oneof(fc.constantFrom(...WEBHOOK_HOST_NAMES, '', 'nobody'), fc.string({ maxLength: 20 })),
    headers: fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 5 }),
    body: fc.uint8Array({ maxLength: 300 }),
    method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'GET'),
  })
  await fc.assert(
    fc.asyncProperty(deliveries, async ({ name, headers, body, method }) => {
      const request = new Request(`http://x/webhooks/${encodeURIComponent(name.toWellFormed())}`, {
        method,
        headers: Object.fromEntries(headers),
        ...(method !== 'GET' && { body: Buffer.from(body) }),
      })
      const { status } = await receive(request)
      // 200 is the answer to a connection test that its host does not sign.
      expect([200, 401, 405, 413]).toContain(status)
    }),
    { numRuns },
  )
}
