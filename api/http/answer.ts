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
  const always = { ...ALWAYS, 'cache-control': 'no-store', 'x-request-id': requestId }
  return { status, text, headers: { ...always, ...headers } }
}

/** The headers stay a plain record, because the Node server writes one without building `Headers`. */
export function toResponse({ status, headers, text }: RegistryAnswer): Response {
  return new Response(text, { status, headers })
}

/** The headers of a 200 with an entity tag. */
export function conditionalHeaders(requestId: string, etag: string): AnswerHeaders {
  return { ...ALWAYS, ...REVALIDATED, 'x-request-id': requestId, etag }
}

/** The headers of a 304: the caller already has the current response. */
export function unchangedHeaders(requestId: string, etag: string): AnswerHeaders {
  return { ...REVALIDATED, 'x-request-id': requestId, etag }
}
