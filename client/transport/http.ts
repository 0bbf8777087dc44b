import { MAX_ANSWER_BYTES } from './answer.ts'
import { exchange, systemCode } from './exchange.ts'
import type { Transport, TransportRequest } from './transport.ts'

/** As much of `fetch` as the transport needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpTransportOptions {
  /** Where the registry is; a path in it is kept (`https://example.com/registry`). */
  readonly url: string
  readonly fetch: Fetch
  /** Sent as `Authorization: Bearer …`. White space around it is dropped. */
  readonly token?: string | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
}

/** Throws a `TypeError` with a sentence, and without the secret, for an address or token that cannot be used. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { base, origin } = parseBaseUrl(options.url)
  const token = parseToken(options.token)
  const { fetch, timeoutMs = 10_000, maxAnswerBytes = MAX_ANSWER_BYTES } = options
  return {
    send: async (request, { signal, timeoutMs: ownTimeoutMs = timeoutMs } = {}) => {
      const url = base + request.path + queryText(request.query)
      const init = requestInit(request, token)
      return exchange((inner) => askOnceMore(() => fetch(url, { ...init, signal: inner }), request, inner), {
        who: `The registry at ${origin}`,
        timeoutMs: ownTimeoutMs,
        maxAnswerBytes,
        signal,
        secret: token,
      })
    },
  }
}

function requestInit(request: TransportRequest, token: string | undefined): RequestInit {
  return {
    method: request.method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...request.headers,
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  }
}

const CLOSED_BY_PEER: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/**
 * A kept-alive connection that the peer closed while nobody looked fails only when it is used, as it does in a
 * Lambda that slept. Reads are asked again, once; a write may have been carried out, so it never is.
 */
async function askOnceMore(
  ask: () => Promise<Response>,
  request: TransportRequest,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await ask()
  } catch (error) {
    const retry = request.method === 'GET' && CLOSED_BY_PEER.includes(systemCode(error))
    if (!retry || signal.aborted) throw error
    return ask()
  }
}

export function queryText(query: TransportRequest['query']): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? '' : `?${text}`
}

function parseBaseUrl(text: string): { readonly base: string; readonly origin: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // The text itself is not shown: it may hold a password.
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('The registry URL must be an address like http://localhost:8080.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      `The registry URL of ${url.host} holds a user name or password; leave it out and give a token instead.`,
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError(`The registry URL of ${url.host} must not have a query ("?…") or a fragment ("#…").`)
  }
  return { base: url.origin + url.pathname.replace(/\/+$/, ''), origin: url.origin }
}

function parseToken(text: string | undefined): string | undefined {
  const token = text?.trim()
  if (token === undefined || token === '') return undefined
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new TypeError('The registry token must be one word of visible ASCII characters.')
}
