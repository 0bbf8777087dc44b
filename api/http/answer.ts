/** Headers of every response with a body. `nosniff` keeps browsers from guessing a type other than JSON. */
const ALWAYS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
} as const

export type AnswerHeaders = Readonly<Record<string, string>>

/**
 * A response with the JSON body `text`. It must not be cached unless `headers` allow it. The headers stay a plain
 * record, because the Node server writes one without building `Headers`.
 */
export function answer(status: number, text: string, requestId: string, headers?: AnswerHeaders): Response {
  return new Response(text, {
    status,
    headers: { ...ALWAYS, 'cache-control': 'no-store', 'x-request-id': requestId, ...headers },
  })
}

/** 304: the caller already has the current response. */
export function unchangedAnswer(requestId: string, headers: AnswerHeaders): Response {
  return new Response(null, { status: 304, headers: { 'x-request-id': requestId, ...headers } })
}
