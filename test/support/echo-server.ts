import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface EchoServer {
  readonly url: string
  /** The status of responses. A redirect leads to itself, with everything that was sent in the address. */
  status: number
  /** The number of requests. */
  requests: number
}

/**
 * A host that repeats everything it receives in its response (headers, login, address and body, raw and decoded),
 * as some hosts, proxies and error pages do.
 */
export async function startEchoServer(): Promise<EchoServer> {
  const server = createServer(async (request, response) => {
    echo.requests++
    const told = await toldBy(request)
    const location = `${echo.url}/elsewhere?told=${encodeURIComponent(told)}`
    response.writeHead(echo.status, {
      'content-type': 'application/json',
      'x-told': encodeURIComponent(told),
      ...(echo.status >= 300 && echo.status < 400 && { location }),
    })
    const document = { message: told, error: told, code: 'internal', errors: [{ message: told }] }
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const echo: EchoServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    status: 500,
    requests: 0,
  }
  return echo
}

async function toldBy(request: IncomingMessage): Promise<string> {
  const { method, url, headers } = request
  const login = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
  const decoded = login === undefined ? '' : Buffer.from(login, 'base64').toString()
  const words = [
    method,
    url,
    JSON.stringify(headers),
    decoded,
    encodeURIComponent(decoded),
    await text(request),
  ]
  return words.join(' ')
}
