import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../../api/contract/index.ts'
import type { AppParts } from '../../../api/http/app.ts'
import { loopbackAuth } from '../../../api/http/loopback.ts'
import { type ListenOptions, listen, type RunningServer } from '../../../api/http/node.ts'
import { remoteAddress } from '../../../api/http/remote-address.ts'
import { ANSWERS } from '../../support/registry-fake.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const running: RunningServer[] = []

async function started(
  parts: Partial<AppParts> = {},
  closeWithinMs = 30_000,
  limits: Partial<ListenOptions> = {},
) {
  const under = appUnderTest({ auth: loopbackAuth(remoteAddress), ...parts })
  const server = await listen(under.app, { host: '127.0.0.1', port: 0, closeWithinMs, ...limits })
  running.push(server)
  return { ...under, server }
}

afterEach(async () => {
  for (const server of running.splice(0)) await server.close()
})

/** Sends raw bytes and returns everything until the server closes the connection. */
async function raw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.end(bytes)
  return text(socket)
}

describe('the server', () => {
  test('answers on the port it was given, over connections from this machine', async () => {
    const { server, registry } = await started()
    const response = await fetch(`${server.url}/prompts/a/b@1.3.0+x?mode=dev`)
    expect(await response.json()).toEqual(ANSWERS.resolve)
    expect(response.headers.get('x-request-id')).toBe('r1')
    expect(registry.call).toMatchObject({
      caller: { actor: 'local' },
      args: ['a/b@1.3.0+x', { mode: 'dev' }],
    })
  })

  test('passes the address of the connection to the loopback rule', async () => {
    const seen: (string | undefined)[] = []
    const { server } = await started({
      auth: loopbackAuth((env) => {
        seen.push(remoteAddress(env))
        return '10.0.0.5'
      }),
    })
    expect((await fetch(`${server.url}/prompts`)).status).toBe(403)
    expect(seen).toEqual(['127.0.0.1'])
  })

  test('passes a foreign Host and a foreign Origin to the app', async () => {
    const { server } = await started()
    const foreign = await raw(
      server.url,
      'GET /prompts HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(foreign).toMatch(/^HTTP\/1\.1 403 [\s\S]*"code":"forbidden"/)
    const posted = await fetch(`${server.url}/prompts/a/rollback`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    })
    expect(posted.status).toBe(403)
  })

  test('answers an invalid Host with 400 and a message', async () => {
    const { server } = await started()
    const answer = await raw(server.url, 'GET /prompts HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/)
  })

  test('reads a body in either framing and in UTF-8', async () => {
    const { server, registry } = await started()
    const body = JSON.stringify({ prompt_id: 'a', content: 'é \u{1f600}' })
    const declared = await fetch(`${server.url}/prompts`, { method: 'POST', body, headers: JSON_TYPE })
    const chunked = await fetch(`${server.url}/prompts`, {
      method: 'POST',
      body: new Blob([body]).stream(),
      duplex: 'half',
      headers: JSON_TYPE,
    } as RequestInit)
    expect([declared.status, chunked.status]).toEqual([201, 201])
    expect(registry.calls.map(({ args }) => args)).toEqual(Array(2).fill([JSON.parse(body)]))
  })

  test('refuses a body over the limit with 413, by its declared length or while chunks arrive', async () => {
    const { server, registry } = await started()
    for (const framing of [{ 'content-length': LIMITS.bodyBytes + 1 }, { 'transfer-encoding': 'chunked' }]) {
      const request = httpRequest(`${server.url}/prompts`, {
        method: 'POST',
        headers: { ...JSON_TYPE, ...framing },
      })
      request.on('error', () => {})
      const answered = once(request, 'response')
      request.write('x'.repeat(LIMITS.bodyBytes + 1))
      const [response] = await answered
      expect(response.statusCode).toBe(413)
      expect(JSON.parse(await text(response))).toMatchObject({ code: 'too_large' })
      request.destroy()
    }
    expect(registry.calls).toEqual([])
  })

  test('answers HEAD and 304 without a body', async () => {
    const { server } = await started()
    const head = await fetch(`${server.url}/prompts/a`, { method: 'HEAD' })
    const etag = head.headers.get('etag') ?? ''
    const again = await fetch(`${server.url}/prompts/a`, { headers: { 'if-none-match': etag } })
    expect([head.status, await head.text(), again.status, await again.text()]).toEqual([200, '', 304, ''])
  })

  test('shows a plain 500 when an operation breaks', async () => {
    const { server, registry } = await started()
    registry.tell('list', () => Promise.reject(new Error('secret')))
    const answer = await refusal(await fetch(`${server.url}/prompts`))
    expect(answer).toMatchObject({ status: 500, code: 'internal' })
    expect(answer.error).not.toContain('secret')
  })

  test('fails to start if the address is in use', async () => {
    const { server, app } = await started()
    const port = Number(new URL(server.url).port)
    await expect(listen(app, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('returns an address for clients when it listens on all interfaces', async () => {
    const { app } = await started()
    const everywhere = await listen(app, { host: '0.0.0.0', port: 0 })
    running.push(everywhere)
    expect(everywhere.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${everywhere.url}/health`)).status).toBe(200)
  })
})

describe('a request that takes too long', () => {
  const SOON = { requestWithinMs: 100 }
  const tokens = () => ({ actor: 'slow', access: 'admin', sources: 'any' }) as const

  test.each([
    ['in its body, of a known length', 'Content-Length: 100\r\n\r\n{'],
    ['in its body, in chunks', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'],
    ['before its body', 'Content-Length: 100\r\n\r\n'],
  ])('%s is cut off for any sender, and others are served meanwhile', async (_, rest) => {
    const { server, registry } = await started({ auth: tokens }, 30_000, SOON)
    const head = 'POST /prompts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`${head}${rest}`)
      return once(socket.resume(), 'close')
    })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    await Promise.all(slow)
    expect(registry.calls).toHaveLength(1)
  })

  test('is also cut off while the registry works on it', async () => {
    const under = await started({ auth: tokens }, 30_000, SOON)
    under.registry.tell('list', () => new Promise(() => {}))
    await expect(fetch(`${under.server.url}/prompts`)).rejects.toThrow()
  })

  test('is also cut off if an earlier one on its connection was answered meanwhile', async () => {
    const under = await started({ auth: tokens }, 30_000, SOON)
    under.registry.tell('list', () => new Promise(() => {}))
    const socket = connect(Number(new URL(under.server.url).port), '127.0.0.1')
    socket.on('error', () => {})
    const received = text(socket)
    socket.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /prompts HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await received).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(under.registry.calls.map(({ method }) => method)).toEqual(['health', 'list'])
  })

  test('is also cut off if nobody reads its response', async () => {
    const ended = Promise.withResolvers<unknown>()
    const app = {
      fetch(_: Request, env: object) {
        const { incoming } = env as { incoming: IncomingMessage }
        incoming.socket.once('close', ended.resolve)
        return new Response(new Uint8Array(64 * 1024 * 1024))
      },
    }
    const server = await listen(app, { host: '127.0.0.1', port: 0, ...SOON })
    running.push(server)
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await ended.promise
    socket.destroy()
  })
})

test('requests in progress share one timer', async () => {
  const under = await started()
  const gate = Promise.withResolvers<void>()
  const all = Promise.withResolvers<void>()
  let begun = 0
  under.registry.tell('list', async () => {
    if (++begun === 20) all.resolve()
    await gate.promise
    return ANSWERS.list
  })
  const agent = new Agent({ keepAlive: true })
  const before = timers()
  const responses = Array.from({ length: 20 }, () =>
    once(httpRequest(`${under.server.url}/prompts`, { agent }).end(), 'response'),
  )
  await all.promise
  expect(timers() - before).toBeLessThanOrEqual(1)
  gate.resolve()
  for (const [response] of await Promise.all(responses)) response.resume()
  agent.destroy()
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

describe('closing the server', () => {
  test('does not wait for connections that never sent anything', async () => {
    const { server } = await started({}, 2_000_000_000)
    const silent = connect(Number(new URL(server.url).port), '127.0.0.1')
    await once(silent, 'connect')
    await (await fetch(`${server.url}/health`)).text()
    const closed = once(silent.resume(), 'close')
    await server.close()
    await closed
  })

  function blockedList(under: Awaited<ReturnType<typeof started>>) {
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    under.registry.tell('list', async () => {
      reached.resolve()
      await gate.promise
      return ANSWERS.list
    })
    return { gate, reached: reached.promise }
  }

  test('lets a request in progress finish, and accepts no new ones', async () => {
    const under = await started()
    const { gate, reached } = blockedList(under)
    const answer = fetch(`${under.server.url}/prompts`)
    await reached
    const closed = under.server.close()
    await expect(fetch(`${under.server.url}/health`)).rejects.toThrow()
    gate.resolve()
    expect(await (await answer).json()).toEqual(ANSWERS.list)
    await closed
  })

  test('does not wait for idle keep-alive connections', async () => {
    const { server } = await started({}, 2_000_000_000)
    await (await fetch(`${server.url}/health`)).text()
    await server.close()
  })

  test('cuts off what does not finish in time', async () => {
    const under = await started({}, 1)
    const { gate, reached } = blockedList(under)
    const answer = fetch(`${under.server.url}/prompts`).then(
      () => 'answered',
      () => 'cut off',
    )
    await reached
    await under.server.close()
    expect(await answer).toBe('cut off')
    gate.resolve()
  })

  test('can be called twice', async () => {
    const { server } = await started()
    await Promise.all([server.close(), server.close()])
    await server.close()
  })
})
