import { MAX_ANSWER_BYTES, type RawAnswer, type ReadLimits } from './answer.ts'
import { type AuthorizationOptions, authorizer, refusedToken } from './authorization.ts'
import { type AdapterLimits, exchange } from './exchange.ts'
import { type Fetch, fetchSender, type HttpRequest, type HttpSender } from './http-sender.ts'
import { secretsOf } from './secret-headers.ts'
import { closedByPeer } from './system-code.ts'
import type { SendOptions, Transport, TransportRequest } from './transport.ts'

export { HTTP_AUTHS, type HttpAuth } from './authorization.ts'
export type { Fetch } from './http-sender.ts'

interface HttpSettings extends AdapterLimits, AuthorizationOptions {
  /** Where the registry is; a path in it is kept (`https://example.com/registry`). */
  readonly url: string
}

/** Requests go by `fetch` or by a `sender`. */
export type HttpTransportOptions = HttpSettings &
  ({ readonly fetch: Fetch } | { readonly sender: HttpSender })

/** Throws a `TypeError` with a sentence, and without the secret, for an address or token that cannot be used. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { base, origin } = parseBaseUrl(options.url)
  const who = `The registry at ${origin}`
  const sender = 'sender' in options ? options.sender : fetchSender(options.fetch)
  const { timeoutMs = 10_000, maxAnswerBytes = MAX_ANSWER_BYTES, setTimer } = options
  const authorize = authorizer(options, new URL(origin), who)
  return {
    send(request, sendOptions = {}) {
      let sent: Readonly<Record<string, string>> = {}
      const limits = { who, timeoutMs, maxAnswerBytes, setTimer, secrets: () => secretsOf(sent) }
      const ask = async (inner: ReadLimits) => {
        const body = request.body === undefined ? undefined : JSON.stringify(request.body)
        for (let renewed = false; ; renewed = true) {
          try {
            const given = authorize(() => toSign(request, base, body), renewed)
            sent = given instanceof Promise ? await given : given
          } catch (error) {
            return refusedToken(error)
          }
          const http = httpRequest(request, { base, origin, sendOptions, body, more: sent })
          const answer = await sendOnceMore(sender, http, inner)
          if (answer.status !== 401 || !authorize.renews || renewed) return answer
        }
      }
      return exchange(ask, limits, sendOptions)
    },
  }
}

function toSign({ method, path, query = {} }: TransportRequest, base: string, body: string | undefined) {
  return { method, url: new URL(base + path), query, body }
}

interface Wrapping {
  readonly base: string
  readonly origin: string
  readonly sendOptions: SendOptions
  readonly body: string | undefined
  /** Headers of the authorization. */
  readonly more: Readonly<Record<string, string>>
}

function httpRequest(
  { method, path, query, headers }: TransportRequest,
  { base, origin, sendOptions, body, more }: Wrapping,
): HttpRequest {
  const type = body === undefined ? undefined : { 'content-type': 'application/json' }
  return {
    method,
    origin,
    path: base.slice(origin.length) + path + queryText(query),
    headers: { accept: 'application/json', ...headers, ...type, ...more },
    body,
    background: sendOptions.background ?? false,
  }
}

/** Reads are asked again, once; a write may have been carried out, so it never is. */
function sendOnceMore(send: HttpSender, request: HttpRequest, limits: ReadLimits): Promise<RawAnswer> {
  return send(request, limits).catch((error) => {
    const retry = request.method === 'GET' && closedByPeer(error)
    if (!retry || limits.cancellation.isCancelled) throw error
    return send(request, limits)
  })
}

/** Encoded as RFC 3986 has it, which is how signatures are made: a space is `%20`. */
export function queryText(query: TransportRequest['query']): string {
  if (query === undefined) return ''
  const pairs = Object.entries(query).map((pair) => pair.map(encode).join('='))
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function parseBaseUrl(text: string): { readonly base: string; readonly origin: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // The text itself is not shown: it may hold a password.
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('The registry URL must be an address like http://localhost:8080.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      `The registry URL of ${url.host} holds a user name or password; remove them and pass a token instead.`,
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError(`The registry URL of ${url.host} must not have a query ("?…") or a fragment ("#…").`)
  }
  return { base: url.origin + url.pathname.replace(/\/+$/, ''), origin: url.origin }
}
