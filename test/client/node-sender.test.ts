import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startHttpProxy } from '../support/http-proxy.ts'

/** Answers each request with another text. */
async function startRegistry(): Promise<string> {
  let requests = 0
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ prompt_id: 'a', content: `A${++requests}` }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What sent the requests of a new process that runs the code, by the diagnostics channels of Node. */
async function senders(code: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const script = `
    import { subscribe } from 'node:diagnostics_channel'
    import { PromptRegistryClient } from './client/index.ts'
    const dispatcher = Symbol.for('undici.globalDispatcher.1')
    const sent = []
    subscribe('http.client.request.start', () => sent.push('node:http'))
    subscribe('undici:request:create', () => sent.push('undici'))
    let now = 0
    const start = () => new PromptRegistryClient({ registryUrl: process.argv[1], clock: () => now, env: {} })
    const client = start()
    ${code}
    process.on('exit', () => console.log(JSON.stringify(sent)))`
  const node = join('node_modules', '.bin', 'node')
  const args = ['--input-type=module', '--eval', script, await startRegistry()]
  const { stdout } = await promisify(execFile)(node, args, { env: { ...process.env, ...env } })
  return JSON.parse(stdout)
}

const REFRESH = `
    await client.get('a')
    now = 70000
    const hold = setInterval(() => 0, 1000)
    client.on('event', ({ type }) => type === 'changed' && clearInterval(hold))
    await client.get('a')`

describe('a request goes', () => {
  test('by node:http, which does not load what fetch sends by', async () => {
    const code = `await client.get('a')
      sent.push(typeof globalThis[dispatcher])`
    expect(await senders(code)).toEqual(['node:http', 'undefined'])
  })

  test('over connections of undici if the program has loaded it', async () => {
    expect(await senders(`Headers; await client.get('a')`)).toEqual(['undici'])
  })

  test('by node:http in the background', async () => {
    expect(await senders(`Headers; ${REFRESH}`)).toEqual(['undici', 'node:http'])
  })

  test('by node:http if the program has replaced fetch, as mocks and tracers do', async () => {
    const code = `Headers; globalThis.fetch = () => { throw new Error('replaced') }; await client.get('a')`
    expect(await senders(code)).toEqual(['node:http'])
  })

  test('by node:http if the dispatcher is none that it knows', async () => {
    const code = `
      Headers
      class Agent {
        dispatch() {}
        constructor(options) {
          if (options) throw new Error('another Agent')
        }
      }
      for (const unknown of [null, {}, new (class Agent {})(), new Agent()]) {
        globalThis[dispatcher] = unknown
        await start().get('a')
      }`
    expect(await senders(code)).toEqual(['node:http', 'node:http', 'node:http', 'node:http'])
  })

  test('by fetch if something intercepts it, in the background too', async () => {
    const code = `
      Headers
      globalThis[dispatcher] = globalThis[dispatcher].compose((dispatch) => (request, handler) => {
        sent.push('intercepted')
        return dispatch(request, handler)
      })`
    expect(await senders(`${code}; ${REFRESH}`)).toEqual(['intercepted', 'undici', 'intercepted', 'undici'])
  })

  test('by the proxy of the environment, in the background too', async () => {
    const proxy = await startHttpProxy()
    onTestFinished(() => proxy.close())
    const sent = await senders(REFRESH, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url, NO_PROXY: '' })
    expect([...new Set(proxy.requests)]).toEqual([expect.stringMatching(/^CONNECT 127\.0\.0\.1:\d+$/)])
    expect(sent).not.toContain('node:http')
  })
})
