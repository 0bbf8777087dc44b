import { type ErrorDocument, RegistryError } from '../contract/index.ts'
import { type AnswerHeaders, answer } from './answer.ts'
import { type RequestKind, statusOf } from './error-table.ts'
import type { HttpLog } from './log.ts'

/** The request that failed, as far as an answer and a line in the log need it. */
export interface FailedRequest {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly kind: RequestKind
}

const RETRY_AFTER_SECONDS = '1'

/**
 * Turns anything thrown into an answer. What is not a `RegistryError` becomes `internal`: the caller reads a plain
 * sentence with the request id, the operator reads the cause in the log under that id.
 */
export function errorAnswer(error: unknown, request: FailedRequest, log: HttpLog): Response {
  const refusal = error instanceof RegistryError && error.code !== 'internal' ? error : undefined
  const document = refusal?.toDocument() ?? internalDocument(request.requestId)
  const status = statusOf(document.code, request.kind)
  if (status >= 500) {
    log.error(`${request.method} ${request.path} failed`, {
      request_id: request.requestId,
      code: document.code,
      error,
    })
  }
  return answer(status, JSON.stringify(document), request.requestId, headersFor(status))
}

function internalDocument(requestId: string): ErrorDocument {
  return {
    error: `Something went wrong inside the registry. Try again; if it goes on, give its operator the request id ${requestId}.`,
    code: 'internal',
    details: { request_id: requestId },
  }
}

function headersFor(status: number): AnswerHeaders {
  if (status === 401) return { 'www-authenticate': 'Bearer realm="prompt-registry"' }
  return status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {}
}

/** No route answers: 405 where the path has other methods, else 404. */
export function noRouteAnswer(allowed: readonly string[], request: FailedRequest): Response {
  const asked = `${request.method} ${request.path.slice(0, 200)}`
  const known = allowed.length > 0
  const document: ErrorDocument = known
    ? { error: `There is no ${asked}; this path takes ${allowed.join(', ')}.`, code: 'method_not_allowed' }
    : { error: `There is no ${asked}; GET /openapi.json lists every route.`, code: 'route_not_found' }
  const headers = known ? { allow: allowed.join(', ') } : {}
  return answer(statusOf(document.code, request.kind), JSON.stringify(document), request.requestId, headers)
}
