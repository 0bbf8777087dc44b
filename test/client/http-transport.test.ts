import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { createHttpTransport, type Fetch } from '../../client/transport/http.ts'
import type { HttpSender } from '../../client/transport/http-sender.ts'
import { poolSender } from '../../client/transport/pool-sender.ts'
import { socketSender } from '../../client/transport/socket-sender.ts'
import { fetchDispatcher } from '../support/fetch-dispatcher.ts'

const pool = () => ({ sender: poolSender(fetchDispatcher(), 10_000) as HttpSender })

/** Each way to send by HTTP. */
const WAYS = [
  ['fetch', () => ({ fetch: globalThis.fetch })],
  ['node:http', () => ({ sender: socketSender() })],
  ['connections of undici', pool],
] as const

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

describe('the address', () => {
  const asked = async (url: string, path: string, query = {}) => {
    let seen = ''
    const fetch: Fetch = async (to) => {
      seen = to
      return Response.json({})
    }
    await createHttpTransport({ url, fetch }).send({ method: 'GET', path, query })
    return seen
  }

  test('keeps the path that it has, with or without a slash at its end', async () => {
    expect(await asked('https://a.test/registry/', '/health')).toBe('https://a.test/registry/health')
    expect(await asked('https://a.test/registry', '/health')).toBe('https://a.test/registry/health')
    expect(await asked('https://a.test', '/health')).toBe('https://a.test/health')
  })

  test('stays the same whatever the path of the request is', async () => {
    expect(await asked('https://a.test', '//b.test/x')).toBe('https://a.test//b.test/x')
  })

  test('has a query only where there is one', async () => {
    expect(await asked('https://a.test', '/prompts', { prefix: 'a b+c' })).toBe(
      'https://a.test/prompts?prefix=a%20b%2Bc',
    )
  })
})

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.each(WAYS)('by %s, a connection that the peer closed before it answered', (_name, way) => {
  /** Breaks the connection at its second request, and answers from then on. */
  async function breaksOnce() {
    const methods: (string | undefined)[] = []
    const server = createServer((request, response) => {
      methods.push(request.method)
      if (methods.length === 2) request.socket.destroy()
      else response.end('{"ok":true}')
    })
    const transport = createHttpTransport({ url: await listen(server), ...way() })
    await transport.send({ method: 'GET', path: '/health' })
    return { methods, transport }
  }

  test('is opened anew for a read', async () => {
    const { methods, transport } = await breaksOnce()
    const answer = await transport.send({ method: 'GET', path: '/health' })
    expect(answer.body).toEqual({ ok: true })
    expect(methods).toEqual(['GET', 'GET', 'GET'])
  })

  test.each(['POST', 'PUT', 'DELETE'] as const)(
    'is not for %s, which may have been carried out',
    async (method) => {
      const { methods, transport } = await breaksOnce()
      const sent = transport.send({ method, path: '/prompts', body: {} })
      await expect(sent).rejects.toMatchObject({ code: 'unreachable' })
      expect(methods).toEqual(['GET', method])
    },
  )
})

test.each(WAYS)('a header that comes twice has both values, by %s', async (_name, way) => {
  let more = ['Set-Cookie', 'a=1']
  const server = createServer((_request, response) =>
    response.writeHead(200, ['content-type', 'application/json', ...more]).end('{}'),
  )
  const transport = createHttpTransport({ url: await listen(server), ...way() })
  const once = await transport.send({ method: 'GET', path: '/health' })
  expect(once.headers).toMatchObject({ 'content-type': 'application/json', 'set-cookie': 'a=1' })
  more = ['ETag', '"1"', 'ETag', '"2"', 'x-part', 'b', 'X-Part', 'c']
  const { headers } = await transport.send({ method: 'GET', path: '/health' })
  expect(headers).toMatchObject({ etag: '"1", "2"', 'x-part': 'b, c' })
})

test('an answer before the last one, such as early hints, is ignored', async () => {
  const server = createServer((_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' })
    response.setHeader('etag', '"1"').end('{}')
  })
  const transport = createHttpTransport({ url: await listen(server), ...pool() })
  const { status, headers } = await transport.send({ method: 'GET', path: '/health' })
  expect([status, headers.etag, headers.link]).toEqual([200, '"1"', undefined])
})

test('by connections of undici, 300 requests at once share 128 connections', async () => {
  let connections = 0
  let waiting: ServerResponse[] | undefined = []
  const server = createServer((_request, response) => {
    // The first 128 are answered together.
    if (waiting?.push(response) !== 128) return void (waiting ?? response.end('{}'))
    for (const held of waiting) held.end('{}')
    waiting = undefined
  }).on('connection', () => connections++)
  const transport = createHttpTransport({ url: await listen(server), ...pool() })
  const all = Array.from({ length: 300 }, () => transport.send({ method: 'GET', path: '/health' }))
  expect([(await Promise.all(all)).length, connections]).toEqual([300, 128])
})

test('by connections of undici, a request that was cancelled before its connection is never sent', async () => {
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    response.end('{}')
  })
  const transport = createHttpTransport({ url: await listen(server), ...pool() })
  const controller = new AbortController()
  const sent = transport.send({ method: 'GET', path: '/a' }, { signal: controller.signal })
  await Promise.resolve()
  controller.abort()
  await expect(sent).rejects.toMatchObject({ code: 'aborted' })
  await transport.send({ method: 'GET', path: '/b' })
  expect(requests).toBe(1)
})

test.each(WAYS)('nothing listening is said with the code of the system, by %s', async (_name, way) => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const transport = createHttpTransport({ url: `http://127.0.0.1:${port}`, ...way() })
  await expect(transport.send({ method: 'GET', path: '/health' })).rejects.toThrow(
    `The registry at http://127.0.0.1:${port} could not be reached (ECONNREFUSED); check that it runs`,
  )
})

test('a token in what fetch throws is blotted out, and the rest is kept for the operator', async () => {
  const fetch: Fetch = async (_url, init) => {
    throw new TypeError('failed', { cause: new Error(`headers ${JSON.stringify(init.headers)}`) })
  }
  const transport = createHttpTransport({ url: 'http://a.test', fetch, token: ' tok-123\n' })
  const error = await transport.send({ method: 'GET', path: '/health' }).catch((thrown: unknown) => thrown)
  const shown = inspect(error, { depth: 10, showHidden: true })
  expect(shown).not.toContain('tok-123')
  expect(shown).toContain('Bearer ***')
})

describe('a token that a function gives', () => {
  const asked = (statuses: readonly number[], token: () => string | Promise<string>) => {
    const seen: unknown[] = []
    const fetch = async (_url: string, init: RequestInit) => {
      seen.push(new Headers(init.headers).get('authorization'))
      return Response.json({}, { status: statuses[seen.length - 1] ?? 200 })
    }
    return { seen, transport: createHttpTransport({ url: 'http://registry.test', fetch, token }) }
  }
  const counted = () => {
    let count = 0
    return async () => {
      count++
      return `token-${count}`
    }
  }

  test('is asked for once', async () => {
    const { seen, transport } = asked([], counted())
    for (let n = 0; n < 3; n++) await transport.send({ method: 'GET', path: '/prompts' })
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-1'])
  })

  test('is asked for again after a 401, once for each request', async () => {
    const { seen, transport } = asked([401, 200, 401, 401], counted())
    expect((await transport.send({ method: 'GET', path: '/prompts' })).status).toBe(200)
    expect((await transport.send({ method: 'GET', path: '/prompts' })).status).toBe(401)
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2', 'Bearer token-2', 'Bearer token-3'])
  })

  test('is missing if the function fails, which is like a token that is refused', async () => {
    const { seen, transport } = asked([], () => Promise.reject(new Error('secret-123')))
    const answer = await transport.send({ method: 'GET', path: '/prompts' })
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } })
    expect(JSON.stringify(answer)).not.toContain('secret-123')
    expect(seen).toEqual([])
  })
})
