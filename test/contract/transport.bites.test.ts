import { describe, expect, test } from 'vitest'
import type { AdapterLimits } from '../../client/transport/exchange.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import {
  isTransportError,
  type SendOptions,
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from '../../client/transport/transport.ts'
import { type Handler, handlerFetch } from '../support/handler-fetch.ts'
import { type HarnessOptions, runCase, TRANSPORT_CASES } from './transport.contract.ts'
import { handlerHarness } from './transport-harness.ts'

/** Longer than the deadlines of the cases; a case that hangs has failed by then. */
const GUARD_MS = 1000

type Send = Transport['send']
/** Makes a transport that breaks a promise, out of one that keeps them all. */
type Break = (good: Send, handler: Handler, options: HarnessOptions) => Send

const asking =
  (change: (request: TransportRequest) => TransportRequest): Break =>
  (good) =>
  (request, options) =>
    good(change(request), options)

const limiting =
  (change: (options: SendOptions) => SendOptions): Break =>
  (good) =>
  (request, options = {}) =>
    good(request, change(options))

const answering =
  (change: (answer: TransportAnswer) => TransportAnswer): Break =>
  (good) =>
  async (request, options) =>
    change(await good(request, options))

const failing =
  (
    change: (error: TransportError, again: () => Promise<TransportAnswer>, secret: string) => unknown,
  ): Break =>
  (good, _handler, { secret }) =>
  (request, options) =>
    good(request, options).catch((error) =>
      change(error, () => good(request, options), secret),
    ) as Promise<TransportAnswer>

const configured =
  (change: Partial<HarnessOptions>): Break =>
  (_good, handler, options) =>
    createGood(handler, { ...options, ...change }).send

const fail = (error: unknown) => Promise.reject(error)

/** The deadline and the signal are forgotten as soon as the headers are there; the body is read without limits. */
const onlyHeadersGuarded: Break =
  (_good, handler, options) =>
  async (request, { timeoutMs = options.timeoutMs, signal } = {}) => {
    const asked = new Request(`http://localhost${request.path}`, { method: request.method })
    const response = await new Promise<Response>((resolve, reject) => {
      const give = (code: 'timeout' | 'aborted') => () => reject(new TransportError(code, 'No.'))
      setTimeout(give('timeout'), timeoutMs).unref()
      signal?.addEventListener('abort', give('aborted'))
      Promise.resolve(handler(asked)).then(resolve, reject)
    })
    const text = await response.text()
    return { status: response.status, headers: {}, body: JSON.parse(text) }
  }

/** The deadline starts again with each piece of the body. */
const eachPieceGuarded: Break =
  (_good, handler, { timeoutMs }) =>
  async (request) => {
    const response = await handler(new Request(`http://localhost${request.path}`))
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    for (;;) {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new TransportError('timeout', 'No.')), timeoutMs).unref()
      })
      if ((await Promise.race([reader.read(), late])).done)
        return { status: 200, headers: {}, body: undefined }
    }
  }

const followsRedirects: Break = (good, handler) => async (request, options) => {
  const response = await handler(new Request(`http://localhost${request.path}`, { method: request.method }))
  return response.status >= 300 && response.status < 400 ? good(GET_ELSEWHERE) : good(request, options)
}
const GET_ELSEWHERE: TransportRequest = { method: 'GET', path: '/elsewhere' }

const sharesOneFlight: Break = (good) => {
  let flight: Promise<TransportAnswer> | undefined
  return (request, options) => {
    flight ??= good(request, options).finally(() => {
      flight = undefined
    })
    return flight
  }
}

const without = (name: 'query' | 'body' | 'headers') =>
  asking((request) => ({ ...request, [name]: undefined }) as unknown as TransportRequest)

const swallow = (code: string, answer: TransportAnswer) =>
  failing((error) => (error.code === code ? answer : fail(error)))

const BROKEN: Readonly<Record<string, readonly [Break, ...string[]]>> = {
  'always asks with GET': [
    asking(({ body: _, ...request }) => ({ ...request, method: 'GET' })),
    'the method arrives',
  ],
  'decodes the path': [
    asking((request) => ({ ...request, path: decodeURIComponent(request.path) })),
    'the path arrives as it was encoded',
  ],
  'drops the query': [without('query'), 'the query arrives, with every character in it'],
  'sends the query as it is': [
    asking(({ query = {}, ...request }) => ({
      ...request,
      path: `${request.path}?${Object.entries(query)
        .map(([name, value]) => `${name}=${value}`)
        .join('&')}`,
    })),
    'the query arrives, with every character in it',
  ],
  'drops the headers': [without('headers'), 'the headers arrive'],
  'drops the body': [without('body'), 'the body arrives as JSON, with a DELETE too'],
  'drops the body of a DELETE': [
    asking(({ body, ...request }) => (request.method === 'DELETE' ? request : { ...request, body })),
    'the body arrives as JSON, with a DELETE too',
  ],
  'drops the credential': [
    (_good, handler, { secret: _, ...options }) => createTransport(handler, options).send,
    'the credential arrives',
  ],
  'shares one flight between different questions': [
    sharesOneFlight,
    'answers of concurrent sends are not mixed up',
  ],
  'swallows the status': [
    answering((answer) => ({ ...answer, status: 200 })),
    'every status is an answer, with its document',
    'an error page that is not JSON keeps its status',
  ],
  'throws for an error status': [
    answering((answer) => {
      if (answer.status < 400) return answer
      throw new TransportError('bad_answer', `It said ${answer.status}.`)
    }),
    'every status is an answer, with its document',
  ],
  'drops the headers of the answer': [
    answering((answer) => ({ ...answer, headers: {} })),
    'headers come with names in lower case',
  ],
  'gives null for no document': [
    answering((answer) => ({ ...answer, body: answer.body ?? null })),
    '204, 304 and an empty body have no document',
  ],
  'takes whatever is no JSON for no document': [
    swallow('bad_answer', { status: 200, headers: {}, body: undefined }),
    'an answer that is not JSON is a bad answer',
    'a redirect is a bad answer and is not followed',
  ],
  'follows redirects': [followsRedirects, 'a redirect is a bad answer and is not followed'],
  'has no cap': [
    configured({ maxAnswerBytes: Number.POSITIVE_INFINITY }),
    'an answer above the cap is a bad answer',
    'an answer that never ends is a bad answer',
  ],
  'has a cap one byte too small': [
    (_good, handler, options) =>
      createGood(handler, { ...options, maxAnswerBytes: options.maxAnswerBytes - 1 }).send,
    'an answer of the size of the cap comes whole',
  ],
  'ignores its deadline': [
    configured({ timeoutMs: 600_000 }),
    ...['hang', 'stall', 'drip'].map(
      (kind) => `the deadline ends a send whose other side does this: ${kind}`,
    ),
  ],
  'ignores the deadline of the request': [
    limiting(({ timeoutMs: _, ...options }) => options),
    'a deadline given with the request counts instead',
  ],
  'ignores the signal': [
    limiting(({ signal: _, ...options }) => options),
    'with a signal aborted beforehand nothing is sent',
    ...['hang', 'stall', 'drip'].map((kind) => `the signal ends a send whose other side does this: ${kind}`),
  ],
  'guards only the headers': [
    onlyHeadersGuarded,
    'the deadline ends a send whose other side does this: stall',
    'the signal ends a send whose other side does this: drip',
    'a deadline longer than a timer can be does not end a send at once',
    'the signal is left without listeners',
    'an answer that is not UTF-8 is a bad answer',
  ],
  'guards each piece of the body': [
    eachPieceGuarded,
    'the deadline ends a send whose other side does this: drip',
  ],
  'retries a write': [
    failing((error, again) => (error.code === 'unreachable' ? again() : fail(error))),
    'a connection that breaks before the answer is unreachable, and a write is sent once',
  ],
  'takes a broken body for an answer': [
    swallow('unreachable', { status: 200, headers: {}, body: undefined }),
    'a connection that breaks within the body is unreachable',
  ],
  'rejects with any error': [
    failing((error) => fail(isTransportError(error) ? new Error(error.message) : error)),
    'an answer that is not JSON is a bad answer',
    'a connection that breaks within the body is unreachable',
  ],
  'tells the credential in its message': [
    failing((error, _again, secret) => fail(new TransportError(error.code, `${secret} was not enough.`))),
    'no error shows the credential',
  ],
  'believes what a refusal repeats': [
    (good, _handler, { secret }) =>
      async (request, options) => {
        const answer = await good(request, options)
        const body = JSON.parse(JSON.stringify(answer.body ?? null).replaceAll('***', secret))
        return answer.status < 400 ? answer : { ...answer, body }
      },
    'an answer that refuses shows nothing that it repeats of the credential',
  ],
  'tells the credential in its cause': [
    failing((error, _again, secret) =>
      fail(new TransportError(error.code, error.message, { cause: new Error('x', { cause: { secret } }) })),
    ),
    'no error shows the credential',
  ],
}

function createGood(handler: Handler, { secret, ...options }: HarnessOptions): Transport {
  return createTransport(handler, { ...options, token: secret })
}

function createTransport(handler: Handler, options: AdapterLimits & { readonly token?: string }): Transport {
  return createHttpTransport({ url: 'http://localhost', fetch: handlerFetch(handler), ...options })
}

describe.concurrent.each(Object.entries(BROKEN))('a transport that %s', (_what, [breaks, ...names]) => {
  test.each(names)('fails: %s', async (name) => {
    const contractCase = TRANSPORT_CASES.find((known) => known.name === name)
    if (contractCase === undefined) throw new TypeError(`There is no case "${name}".`)
    const open = handlerHarness((handler, options) => ({
      send: breaks(createGood(handler, options).send, handler, options),
    }))
    await expect(runCase(open, contractCase, GUARD_MS)).rejects.toThrow()
  })
})

test('every case is failed by some broken transport', () => {
  const caught = new Set(Object.values(BROKEN).flatMap(([, ...names]) => names))
  expect(TRANSPORT_CASES.map(({ name }) => name).filter((name) => !caught.has(name))).toEqual([])
})
