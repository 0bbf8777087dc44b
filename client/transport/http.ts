import { MAX_ANSWER_BYTES } from './answer.ts'
import { closedByPeer } from './closed-by-peer.ts'
import { exchange } from './exchange.ts'
import { secretsOf } from './secret-headers.ts'
import { type AwsCredentials, awsEndpoint, createSigner, type Sign } from './sigv4.ts'
import type { Transport, TransportRequest } from './transport.ts'

/** As much of `fetch` as the transport needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpTransportOptions {
  /** Where the registry is; a path in it is kept (`https://example.com/registry`). */
  readonly url: string
  readonly fetch: Fetch
  /** Sent as `Authorization: Bearer …`, unless requests are signed. White space around it is dropped. */
  readonly token?: string | undefined
  /** `iam` signs requests with SigV4. When not given, so it is for Function URLs of AWS Lambda, and `token` for others. */
  readonly auth?: HttpAuth | undefined
  /** For `iam` where the address does not tell the region. */
  readonly region?: string | undefined
  /** For `iam`; the default chain of the AWS SDK when not given. */
  readonly credentials?: AwsCredentials | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
}

export const HTTP_AUTHS = ['token', 'iam'] as const
export type HttpAuth = (typeof HTTP_AUTHS)[number]

/** Throws a `TypeError` with a sentence, and without the secret, for an address or token that cannot be used. */
export function createHttpTransport(options: HttpTransportOptions): Transport {
  const { base, origin } = parseBaseUrl(options.url)
  const token = parseToken(options.token)
  const { fetch, timeoutMs = 10_000, maxAnswerBytes = MAX_ANSWER_BYTES } = options
  const who = `The registry at ${origin}`
  const sign = signerOf(options, new URL(origin).host, who)
  const credential = sign === undefined && token !== undefined ? { authorization: `Bearer ${token}` } : {}
  return {
    send: async (request, { signal, timeoutMs: ownTimeoutMs = timeoutMs } = {}) => {
      const { method, path, query = {} } = request
      const url = base + path + queryText(query)
      const body = request.body === undefined ? undefined : JSON.stringify(request.body)
      let sent: Readonly<Record<string, string>> = credential
      const ask = async (inner: AbortSignal) => {
        const own = (await sign?.({ method, url: new URL(base + path), query, body })) ?? credential
        sent = own
        const init = requestInit(request, body, own)
        return await askOnceMore(() => fetch(url, { ...init, signal: inner }), method, inner)
      }
      return exchange(ask, {
        who,
        timeoutMs: ownTimeoutMs,
        maxAnswerBytes,
        signal,
        secrets: () => secretsOf(sent),
      })
    },
  }
}

function signerOf(
  { auth, region, credentials }: HttpTransportOptions,
  host: string,
  who: string,
): Sign | undefined {
  const aws = awsEndpoint(host)
  if ((auth ?? (aws?.service === 'lambda' ? 'iam' : 'token')) === 'token') return undefined
  const signedRegion = aws?.region ?? region
  if (signedRegion !== undefined) {
    return createSigner({ service: aws?.service ?? 'lambda', region: signedRegion, credentials, who })
  }
  throw new TypeError(
    `Requests to ${host} are to be signed, and its address does not tell the region; set AWS_REGION.`,
  )
}

function requestInit(
  { method, headers }: TransportRequest,
  body: string | undefined,
  credential: Readonly<Record<string, string>>,
): RequestInit {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  return {
    method,
    redirect: 'manual',
    headers: { accept: 'application/json', ...headers, ...type, ...credential },
    ...(body !== undefined && { body }),
  }
}

/** Reads are asked again, once; a write may have been carried out, so it never is. */
async function askOnceMore(
  ask: () => Promise<Response>,
  method: string,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await ask()
  } catch (error) {
    const retry = method === 'GET' && closedByPeer(error)
    if (!retry || signal.aborted) throw error
    return ask()
  }
}

/** Encoded as RFC 3986 has it, which is how signatures are made: a space is `%20`. */
export function queryText(query: TransportRequest['query'] = {}): string {
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
