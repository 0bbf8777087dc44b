import { type Context, Hono } from 'hono'
import { toResponse } from './answer.ts'
import { errorAnswer } from './errors.ts'
import { createHandlers, failed, type Handle, type HandlerParts, noRoute } from './handlers.ts'
import type { RequestMeter } from './observed-request.ts'
import { routingPath } from './paths.ts'
import type { RequestTracer } from './request-tracer.ts'
import type { Route } from './route.ts'

export interface AppParts extends HandlerParts {
  /** Measures the requests. Default: none. */
  readonly meter?: RequestMeter | undefined
  /** Traces the requests. Default: none. */
  readonly tracer?: RequestTracer | undefined
}

type Respond = (c: Context) => Promise<Response>

/**
 * The registry over HTTP, as a Hono app for any server. Serves all `ROUTES`; other routes, such
 * as the console, can be added.
 */
export function createApp(parts: AppParts): Hono {
  const { meter, tracer, newRequestId, log } = parts
  const app = new Hono({ getPath: routingPath })
  for (const { route, handle } of createHandlers(parts))
    app.on(
      route.method,
      honoPath(route.path),
      traced(route.path, metered(route, respondWith(handle), meter), tracer),
    )
  app.notFound(traced(null, async (c) => unrouted(c, parts), tracer))
  app.onError((error, c) => toResponse(errorAnswer(error, failed(c.req, newRequestId(c.env), 'read'), log)))
  return app
}

/**
 * One function handles the whole request, because Hono calls a single handler directly but composes middleware per
 * request.
 */
function respondWith(handle: Handle): Respond {
  return async (c) => toResponse(await handle(c.req, c.env))
}

function traced(path: string | null, respond: Respond, tracer: RequestTracer | undefined): Respond {
  if (tracer === undefined) return respond
  return (c) => tracer(c.req.raw, path, () => respond(c))
}

function unrouted(c: Context, { newRequestId, meter }: AppParts): Response {
  const answer = noRoute(c.req, newRequestId(c.env))
  meter?.observe({ method: 'other', route: 'none', status: answer.status, seconds: 0 })
  return toResponse(answer)
}

function metered({ method, path }: Route, respond: Respond, meter: RequestMeter | undefined): Respond {
  if (meter === undefined) return respond
  const about = { method: method.toUpperCase(), route: path }
  return async (c) => {
    const start = meter.now()
    const answer = await respond(c)
    meter.observe({ ...about, status: answer.status, seconds: (meter.now() - start) / 1000 })
    return answer
  }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
