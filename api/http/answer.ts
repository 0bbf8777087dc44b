/** Headers of every response with a body. `nosniff` keeps browsers from guessing a type other than JSON. */
const ALWAYS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
} as const
/** The caller may cache the response, but must revalidate it each time. */
const REVALIDATED = { 'cache-control': 'private, no-cache' } as const

export type AnswerHeaders = Readonly<Record<string, string>>

/** A response as plain data, which needs no `fetch`: loading that takes Node longer than an empty process. */
export interface RegistryAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  /** JSON; null in a 304. */
  readonly text: string | null
}

/** A response with the JSON body `text`. It must not be cached unless `headers` allow it. */
export function answer(
  status: number,
  text: string,
  requestId: string,
  headers?: AnswerHeaders,
): RegistryAnswer {
  const always = { ...ALWAYS, 'cache-control': 'no-store', [REQUEST_ID]: requestId }
  return { status, text, headers: { ...always, ...headers } }
}

/** The headers stay a plain record, because the Node server writes one without building `Headers`. */
export function toResponse({ status, headers, text }: RegistryAnswer): Response {
  return new Response(text, { status, headers })
}

/** The headers of a 200 with an entity tag, without the request's id. */
export function conditionalHeaders(etag: string): AnswerHeaders {
  return { ...ALWAYS, ...REVALIDATED, etag }
}

/** The headers of a 304, without the request's id: the caller already has the current response. */
export function unchangedHeaders(etag: string): AnswerHeaders {
  return { ...REVALIDATED, etag }
}

export const REQUEST_ID = 'x-request-id'

/** Headers as Node writes them without a copy: names and values in turn. */
export type FlatHeaders = readonly string[]

export function flatHeaders(headers: AnswerHeaders): FlatHeaders {
  return Object.entries(headers).flat()
}
