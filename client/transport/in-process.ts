import { MAX_ANSWER_BYTES, readResponse } from './answer.ts'
import { type AdapterLimits, exchange } from './exchange.ts'
import { queryText } from './http.ts'
import { secretsOf } from './secret-headers.ts'
import type { Transport, TransportRequest } from './transport.ts'

/** What serves the registry in this process, such as the `fetch` of a Hono app. */
export type Handler = (request: Request) => Response | Promise<Response>

export interface InProcessTransportOptions extends AdapterLimits {
  /** Sent with every request, such as `authorization`. Their values are kept out of errors. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Asks a handler in this process, without a socket. The handler sees requests to `http://localhost`. */
export function createInProcessTransport(
  handler: Handler,
  options: InProcessTransportOptions = {},
): Transport {
  const { timeoutMs = 10_000, maxAnswerBytes = MAX_ANSWER_BYTES, setTimer, headers = {} } = options
  const who = 'The registry in this process'
  const limits = { who, timeoutMs, maxAnswerBytes, setTimer, secrets: () => secretsOf(headers) }
  return {
    send: async (request, sendOptions) =>
      exchange(
        async (inner) =>
          readResponse(await handler(requestOf(request, headers, inner.cancellation.signal)), inner),
        limits,
        sendOptions,
      ),
  }
}

function requestOf(
  { method, path, query, headers, body }: TransportRequest,
  own: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Request {
  return new Request(`http://localhost${path}${queryText(query)}`, {
    method,
    headers: {
      host: 'localhost',
      accept: 'application/json',
      ...headers,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...own,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  })
}
