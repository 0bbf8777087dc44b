/** What every answer with a body carries, so that no browser guesses another type than JSON. */
const ALWAYS = {
  'content-type': 'application/json; charset=utf-8',
  'x-content-type-options': 'nosniff',
} as const

export type AnswerHeaders = Readonly<Record<string, string>>

/**
 * An answer whose body is the JSON `text`; nobody may store it unless `headers` say otherwise. The headers stay
 * a plain record, because the Node server writes one without building `Headers`.
 */
export function answer(status: number, text: string, requestId: string, headers?: AnswerHeaders): Response {
  return new Response(text, {
    status,
    headers: { ...ALWAYS, 'cache-control': 'no-store', 'x-request-id': requestId, ...headers },
  })
}

/** 304: the caller has this answer already. */
export function unchangedAnswer(requestId: string, headers: AnswerHeaders): Response {
  return new Response(null, { status: 304, headers: { 'x-request-id': requestId, ...headers } })
}
