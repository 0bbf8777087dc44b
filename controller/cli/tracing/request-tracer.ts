import {
  type Context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { RequestTracer } from '../../../api/http/request-tracer.ts'

/** A span for each request, by the semantic conventions for HTTP servers (1.23 or newer). */
export function requestTracer(tracer: Tracer): RequestTracer {
  return async (request, route, answer) => {
    const { method, url, headers } = request
    const { pathname, protocol } = new URL(url)
    const attributes = {
      'http.request.method': route === null ? '_OTHER' : method,
      ...(route === null ? { 'http.request.method_original': method } : { 'http.route': route }),
      'url.path': pathname,
      'url.scheme': protocol.replace(':', ''),
    }
    const name = route === null ? 'HTTP' : `${method} ${route}`
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, callerOf(headers))
    try {
      const response = await answer()
      setStatus(span, response.status)
      return response
    } finally {
      span.end()
    }
  }
}

/** An error of the caller is none of the server. */
function setStatus(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status)
  if (status < 500) return
  span.setAttribute('error.type', String(status))
  span.setStatus({ code: SpanStatusCode.ERROR })
}

const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/

/** The caller's span, by the W3C header `traceparent`. */
function callerOf(headers: Headers): Context {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(headers.get('traceparent') ?? '') ?? []
  const state = headers.get('tracestate')
  const caller = {
    ...{ traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true },
    ...(state !== null && { traceState: createTraceState(state) }),
  }
  return isSpanContextValid(caller) ? trace.setSpanContext(ROOT_CONTEXT, caller) : ROOT_CONTEXT
}
