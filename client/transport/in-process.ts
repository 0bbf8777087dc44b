import { MAX_ANSWER_BYTES } from './answer.ts'
import { exchange } from './exchange.ts'
import { queryText } from './http.ts'
import { secretsOf } from './secret-headers.ts'
import type { Transport } from './transport.ts'

/** What serves the registry in this process, such as the `fetch` of a Hono app. */
export type Handler = (request: Request) => Response | Promise<Response>

export interface InProcessTransportOptions {
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
  /** Sent with every request, such as `authorization`. Their values are kept out of errors. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Asks a handler in this process, without a socket. The handler sees requests to `http://localhost`. */
export function createInProcessTransport(
  handler: Handler,
  options: InProcessTransportOptions = {},
): Transport {
  const { timeoutMs = 10_000, maxAnswerBytes = MAX_ANSWER_BYTES, headers = {} } = options
  return {
    send: async (request, { signal, timeoutMs: ownTimeoutMs = timeoutMs } = {}) =>
      exchange(
        (inner) =>
          handler(
            new Request(`http://localhost${request.path}${queryText(request.query)}`, {
              method: request.method,
              headers: {
                host: 'localhost',
                accept: 'application/json',
                ...request.headers,
                ...(request.body !== undefined && { 'content-type': 'application/json' }),
                ...headers,
              },
              ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
              signal: inner,
            }),
          ),
        {
          who: 'The registry in this process',
          timeoutMs: ownTimeoutMs,
          maxAnswerBytes,
          signal,
          secrets: () => secretsOf(headers),
        },
      ),
  }
}
