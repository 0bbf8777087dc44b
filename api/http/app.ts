import { type Context, Hono } from 'hono'
import { RegistryError } from '../contract/index.ts'
import type { RegistryApi } from '../contract/registry-api.ts'
import type { Caller } from '../registry/caller.ts'
import type { Registry } from '../registry/registry.ts'
import type { ReportFailure } from '../registry/report-failure.ts'
import type { ReportRead } from '../registry/report-read.ts'
import type { Budget } from '../store/budget.ts'
import { type Auth, demandAccess } from './auth.ts'
import { type CountRead, type RequestReads, readsOf } from './counted-reads.ts'
import type { RequestKind } from './error-table.ts'
import { errorAnswer, type FailedRequest, noRouteAnswer, partLog } from './errors.ts'
import type { FinishedAnswers, KeepAnswer, KeptHits } from './finished-answers.ts'
import { callerIn } from './in-process.ts'
import type { HttpLog } from './log.ts'
import type { RequestMeter } from './observed-request.ts'
import { allowedMethods, demandCleanUrl, routingPath } from './paths.ts'
import type { RequestTracer } from './request-tracer.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes/index.ts'

export interface AppParts {
  readonly registry: Registry
  /** Authenticates every request that is neither open nor from this process (`actingAs`). */
  readonly auth: Auth
  readonly log: HttpLog
  /** Keeps the responses of conditional routes. Default: none are kept. */
  readonly finished?: FinishedAnswers
  /** Counts the reads of the requests from outside. Default: none are counted. */
  readonly countRead?: CountRead | undefined
  /** Measures the requests from outside. Default: none. */
  readonly meter?: RequestMeter | undefined
  /** Traces the requests from outside. Default: none. */
  readonly tracer?: RequestTracer | undefined
  /** The time budget of a request. `env` is the server's data about it. */
  readonly budgetOf?: (env: unknown) => Budget | undefined
  /** Creates a request id for `x-request-id`, the log and messages about internal errors. */
  readonly newRequestId: () => string
  readonly settings?: {
    /** Refuse writes with 403 `read_only` for every caller. */
    readonly readOnly?: boolean
  }
}

const ANYBODY: Caller = { actor: 'anybody', access: 'read', sources: [] }

/**
 * The registry over HTTP, as a Hono app for any server, Lambda adapter or in-process caller. Serves all `ROUTES`;
 * other routes, such as the console, can be added.
 */
export function createApp(parts: AppParts): Hono {
  const app = new Hono({ getPath: routingPath })
  const apiOf = boundOnce(parts.registry)
  for (const route of ROUTES) {
    const handle = handled(route, handlerOf(route, apiOf, parts), parts)
    const hasFiles = route.path.includes('/files/')
    app.on(route.method, honoPath(route.path), hasFiles ? withRawIds(app, handle) : handle)
  }
  app.notFound(traced(null, async (c) => noRoute(c, parts), parts.tracer))
  app.onError((error, c) => errorAnswer(error, failed(c, parts.newRequestId(), 'read'), parts.log))
  return app
}

/**
 * One function handles the whole request, because Hono calls a single handler directly but composes middleware per
 * request.
 */
function handlerOf(route: Route, apiOf: BoundApi, parts: AppParts): Handle {
  const hits = parts.finished?.hitsOf(route.path)
  return async (c: Context): Promise<Response> => {
    const requestId = parts.newRequestId()
    try {
      const caller = route.access === 'open' ? ANYBODY : admit(route, c, parts)
      demandCleanUrl(c.req.url)
      const reads = readsOf(route, c, parts.countRead)
      const keep = route.conditional ? keeperOf(parts.finished, caller, c.env, hits, reads) : undefined
      const failedPart = route.inParts ? partLog(failed(c, requestId, route.kind), parts.log) : undefined
      const api = apiOf(caller, parts.budgetOf?.(c.env), failedPart, reads?.report)
      const response = await route.respond(c, api, requestId, keep)
      reads?.count()
      return response
    } catch (error) {
      return errorAnswer(error, failed(c, requestId, route.kind), parts.log)
    }
  }
}

type Handle = (c: Context) => Promise<Response>

function handled(route: Route, handle: Handle, { meter, tracer }: AppParts): Handle {
  return traced(route.path, metered(route, handle, meter), tracer)
}

function traced(path: string | null, handle: Handle, tracer: RequestTracer | undefined): Handle {
  if (tracer === undefined) return handle
  return async (c) =>
    callerIn(c.env) === undefined ? await tracer(c.req.raw, path, () => handle(c)) : await handle(c)
}

function noRoute(c: Context, { newRequestId, meter }: AppParts): Response {
  const request = failed(c, newRequestId(), 'read')
  const answer = noRouteAnswer(allowedMethods(ROUTES, c.req.path), request)
  meter?.observe({ method: 'other', route: 'none', status: answer.status, seconds: 0 })
  return answer
}

/** A raw prompt id may have a segment `files`, so a path that is no file of a prompt can be a prompt. */
function withRawIds(app: Hono, handle: Handle): Handle {
  return async (c) => {
    const answer = await handle(c)
    if (answer.status !== 400 && answer.status !== 404) return answer
    const url = c.req.url.replace('/files/', '/files%2F')
    if (url === c.req.url) return answer
    const other = await app.fetch(
      new Request(url, { method: c.req.method, headers: c.req.raw.headers }),
      c.env,
    )
    return other.status < 400 ? other : answer
  }
}

function metered({ method, path }: Route, handle: Handle, meter: RequestMeter | undefined): Handle {
  if (meter === undefined) return handle
  const about = { method: method.toUpperCase(), route: path }
  return async (c) => {
    if (callerIn(c.env) !== undefined) return await handle(c)
    const start = meter.now()
    const answer = await handle(c)
    meter.observe({ ...about, status: answer.status, seconds: (meter.now() - start) / 1000 })
    return answer
  }
}

function admit(route: Route, c: Context, parts: AppParts): Caller {
  const caller = callerIn(c.env) ?? parts.auth(c.req.raw, c.env)
  if (route.kind === 'write' && parts.settings?.readOnly) {
    throw new RegistryError(
      'read_only',
      'This deployment only reads; send the change to the writer of this registry.',
    )
  }
  if (route.access !== 'open') demandAccess(caller, route.access)
  return caller
}

/** Only requests of the Node server are kept: others have no target of a request line. */
function keeperOf(
  finished: FinishedAnswers | undefined,
  caller: Caller,
  env: unknown,
  hits: KeptHits | undefined,
  reads: RequestReads | undefined,
): KeepAnswer | undefined {
  const { incoming } = (env ?? {}) as { readonly incoming?: { readonly url?: string } }
  return incoming?.url === undefined ? undefined : finished?.keeper(caller, incoming.url, hits, reads?.all)
}

type BoundApi = (
  caller: Caller,
  budget: Budget | undefined,
  failed: ReportFailure | undefined,
  read: ReportRead | undefined,
) => RegistryApi

/**
 * Without parts that belong to one request, binds a caller's operations once. This works because auth returns the same object for the same
 * credentials.
 */
function boundOnce(registry: Registry): BoundApi {
  const bound = new WeakMap<Caller, RegistryApi>()
  return (caller, budget, failed, read) => {
    if ((budget ?? failed ?? read) !== undefined) return registry.as(caller, budget, failed, read)
    const known = bound.get(caller)
    if (known !== undefined) return known
    const api = registry.as(caller)
    bound.set(caller, api)
    return api
  }
}

function failed(c: Context, requestId: string, kind: RequestKind): FailedRequest {
  return { requestId, method: c.req.method, path: c.req.path, kind }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}
