import { type ErrorDocument, RegistryError } from '../contract/errors.ts'
import type { ReportFailure } from '../registry/report-failure.ts'
import { type AnswerHeaders, answer, type RegistryAnswer } from './answer.ts'
import { type RequestKind, statusOf } from './error-table.ts'
import type { HttpLog } from './log.ts'

/** The failed request, as far as the response and the log line need it. */
export interface FailedRequest {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly kind: RequestKind
}

const RETRY_AFTER_SECONDS = '1'
const RATE_LIMITED_SECONDS = '60'

/** Turns any thrown value into a response. */
export function errorAnswer(error: unknown, request: FailedRequest, log: HttpLog): RegistryAnswer {
  const document = errorDocument(error, request, log)
  const status = statusOf(document.code, request.kind)
  return answer(status, JSON.stringify(document), request.requestId, headersFor(status))
}

/**
 * The document about any thrown value. Anything but a `RegistryError` becomes `internal`: the caller gets a plain
 * message with the request id, and the operator finds the cause in the log under that id.
 */
export function errorDocument(error: unknown, request: FailedRequest, log: HttpLog): ErrorDocument {
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
  return document
}

/** Logs the parts of a request that fail on the registry's side, as a whole request would be. */
export function partLog({ requestId, method, path, kind }: FailedRequest, log: HttpLog): ReportFailure {
  return (subject, error) => {
    if (statusOf(error.code, kind) < 500) return
    const facts = { request_id: requestId, code: error.code, subject, error }
    log.error(`${method} ${path} failed in part`, facts)
  }
}

function internalDocument(requestId: string): ErrorDocument {
  return {
    error: `The registry had an internal error. Try again; if it happens again, send the request id ${requestId} to its operator.`,
    code: 'internal',
    details: { request_id: requestId },
  }
}

function headersFor(status: number): AnswerHeaders {
  if (status === 401) return { 'www-authenticate': 'Bearer realm="prompt-registry"' }
  if (status === 429) return { 'retry-after': RATE_LIMITED_SECONDS }
  return status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {}
}

/** The response when no route matches: 405 if the path has other methods, else 404. */
export function noRouteAnswer(allowed: readonly string[], request: FailedRequest): RegistryAnswer {
  const asked = `${request.method} ${request.path.slice(0, 200)}`
  const known = allowed.length > 0
  const document: ErrorDocument = known
    ? {
        error: `No route matches ${asked}; use ${allowed.join(', ')} on this path.`,
        code: 'method_not_allowed',
      }
    : { error: `No route matches ${asked}; GET /openapi.json lists all routes.`, code: 'route_not_found' }
  const headers = known ? { allow: allowed.join(', ') } : {}
  return answer(statusOf(document.code, request.kind), JSON.stringify(document), request.requestId, headers)
}
