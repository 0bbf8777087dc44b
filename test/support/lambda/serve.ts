import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Certificate } from '../certificates.ts'

export interface Asked {
  readonly method: string
  /** As on the wire. */
  readonly path: string
  /** As on the wire, without the question mark. */
  readonly query: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface LoopbackServer {
  readonly url: string
  close(): Promise<void>
}

/** A server on a free port of this machine; with a certificate, over TLS. */
export async function serve(
  answer: (asked: Asked) => Promise<Answer>,
  certificate?: Certificate,
): Promise<LoopbackServer> {
  const listener: RequestListener = (request, response) => {
    response.on('error', () => undefined)
    const target = request.url ?? '/'
    const mark = target.indexOf('?')
    const asked = async (): Promise<Asked> => ({
      method: request.method ?? 'GET',
      path: mark === -1 ? target : target.slice(0, mark),
      query: mark === -1 ? '' : target.slice(mark + 1),
      headers: request.headers as Record<string, string>,
      body: await buffer(request),
    })
    asked()
      .then(answer)
      .catch((error): Answer => ({ status: 500, body: String(error) }))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body))
      .catch(() => response.destroy())
  }
  const server =
    certificate === undefined ? createServer(listener) : createTlsServer({ ...certificate }, listener)
  // A write to a connection that was just closed as idle is not retried.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
