import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Connections } from './connections.ts'

/** A request handler, such as a Hono app. `env` describes the connection (`remoteAddress`). */
export interface App {
  fetch(request: Request, env: object): Response | Promise<Response>
  /** Answers some requests without `fetch`, and returns whether it did. */
  readonly answerFinished?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean
}

export interface ListenOptions {
  readonly host: string
  /** 0 picks a free port. */
  readonly port: number
  /** Several threads listen at this address, and the system shares out connections. Only Linux and some BSDs can. */
  readonly reusePort?: boolean
  /** How long `close` waits for requests in progress before it cuts them off. */
  readonly closeWithinMs?: number
  /**
   * The time limit of a request, from its first byte to the last byte of its response. It is cut off up to a second
   * later. Default: 30 s.
   */
  readonly requestWithinMs?: number
}

export interface RunningServer {
  /** The base URL for clients on this machine, without a trailing slash. */
  readonly url: string
  /**
   * Stops accepting connections, lets requests in progress finish, and resolves once all connections are closed.
   */
  close(): Promise<void>
}

const SECONDS = 1000

const LIMITS_OF_A_CONNECTION = {
  connectionsCheckingInterval: SECONDS,
  // Longer than the 60 s after which common load balancers drop an idle connection, to avoid a race.
  keepAliveTimeout: 65 * SECONDS,
}

/** Serves `app` over HTTP/1.1. Rejects if the address is not available. */
export async function listen(app: App, options: ListenOptions): Promise<RunningServer> {
  const listener = getRequestListener(app.fetch, { hostname: options.host, errorHandler: badRequest })
  const { requestWithinMs = 30 * SECONDS } = options
  const limits = {
    ...LIMITS_OF_A_CONNECTION,
    headersTimeout: Math.min(10 * SECONDS, requestWithinMs),
    requestTimeout: requestWithinMs,
  }
  const connections = new Connections(requestWithinMs)
  const server = createServer(limits, (incoming, outgoing) => {
    outgoing.on('close', connections.begin(incoming.socket))
    if (!app.answerFinished?.(incoming, outgoing)) void listener(incoming, outgoing)
  })
  server.on('connection', (socket) => connections.add(socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const { host, port, reusePort = false } = options
    server.listen({ host, port, reusePort }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    url: urlOf(server.address() as AddressInfo),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      await connections.close(options.closeWithinMs ?? 10 * SECONDS)
      await closed
    },
  }
}

/** The app handles its own errors, so an error here means that the request could not be parsed. */
function badRequest(): Response {
  const document = {
    error: 'The request line and the Host header do not form a valid URL; check both.',
    code: 'invalid_request',
  }
  return new Response(JSON.stringify(document), {
    status: 400,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}

function urlOf({ address, family, port }: AddressInfo): string {
  const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const host = everywhere[address] ?? address
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`
}
