import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { openEmbeddedRegistry } from '../../api/server.ts'

/**
 * A child process for benchmarks: the registry, bare Hono or bare `node:http` with one prompt of 4 KB, such as
 * `node http-server.ts registry FILE`. On a message, reports its processor time in microseconds.
 */
const [kind, file = ''] = process.argv.slice(2)
const content = 'You sort support tickets. '.repeat(160)
const PROMPTS = 1000

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system })
})
process.on('disconnect', () => process.exit())

if (kind === 'registry') await serveRegistry()
else await serveBare()

async function serveRegistry(): Promise<void> {
  const registry = openEmbeddedRegistry({ file, log: { error: () => undefined } })
  const { url } = await registry.listen({ host: '127.0.0.1', port: 0 })
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(await response.text())
  }
  for (let from = 0; from < PROMPTS; from += 100) {
    const operations = Array.from({ length: 100 }, (_, n) => ({
      op: 'push',
      prompt_id: `p${from + n}`,
      version: '1.0.0',
      content,
    }))
    await post('/batch', { operations })
    const promotes = operations.map(({ prompt_id, version }) => ({ op: 'promote', prompt_id, version }))
    await post('/batch', { operations: promotes })
  }
  process.send?.({ url })
}

async function serveBare(): Promise<void> {
  const body = JSON.stringify({ prompt_id: 'p1', version: '1.0.0', content, status: 'stable', config: null })
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const hono = new Hono()
  hono.get('/prompts/:ref', () => new Response(body, { headers }))
  const server =
    kind === 'hono'
      ? createServer(getRequestListener(hono.fetch))
      : createServer((_request, response) =>
          response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body),
        )
  server.listen(0, '127.0.0.1', () =>
    process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  )
}
