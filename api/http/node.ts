import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

/** What answers requests, such as a Hono app. `env` tells of the connection (`remoteAddress`). */
export interface App {
  fetch(request: Request, env: object): Response | Promise<Response>
}

export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** How long `close` waits for requests that are under way before it cuts them off. */
  readonly closeWithinMs?: number
}

export interface RunningServer {
  /** Where a client on this machine reaches it, without a slash at the end. */
  readonly url: string
  /** Takes no more connections, lets requests that are under way finish, and resolves when all are closed. */
  close(): Promise<void>
}

const SECONDS = 1000

const LIMITS_OF_A_CONNECTION = {
  headersTimeout: 10 * SECONDS,
  requestTimeout: 30 * SECONDS,
  // Longer than the 60 s after which common load balancers drop an idle connection, so that they never race.
  keepAliveTimeout: 65 * SECONDS,
}

/** Serves `app` over HTTP/1.1. Rejects where the address cannot be had. */
export async function listen(app: App, options: ListenOptions): Promise<RunningServer> {
  const listener = getRequestListener(app.fetch, { hostname: options.host, errorHandler: badRequest })
  const server = createServer(LIMITS_OF_A_CONNECTION, (incoming, outgoing) => {
    // A connection kept alive would hold up `close` after its last answer.
    outgoing.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
    void listener(incoming, outgoing)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    url: urlOf(server.address() as AddressInfo),
    close: () => closeWithin(server, options.closeWithinMs ?? 10 * SECONDS),
  }
}

/** The address of the connection that brought a request, read from the `env` that the server gives to the app. */
export function remoteAddress(env: unknown): string | undefined {
  const { incoming } = (env ?? {}) as {
    readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  }
  return incoming?.socket?.remoteAddress
}

/** The app answers its own errors, so what comes here is a request that could not be read. */
function badRequest(): Response {
  const document = {
    error: 'The request line or the Host header cannot be read as a URL; check both.',
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

async function closeWithin(server: Server, ms: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), ms)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(timer)
}
