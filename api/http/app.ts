import { type Context, Hono } from 'hono'
import { RegistryError } from '../contract/index.ts'
import type { RegistryApi } from '../contract/registry-api.ts'
import type { Caller } from '../registry/caller.ts'
import type { Registry } from '../registry/registry.ts'
import { type Auth, demandAccess } from './auth.ts'
import type { RequestKind } from './error-table.ts'
import { errorAnswer, type FailedRequest, noRouteAnswer } from './errors.ts'
import { callerIn } from './in-process.ts'
import type { HttpLog } from './log.ts'
import { allowedMethods, demandCleanUrl, routingPath } from './paths.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes/index.ts'

export interface AppParts {
  readonly registry: Registry
  /** Asked for every request that is not open and not of this process (`actingAs`). */
  readonly auth: Auth
  readonly log: HttpLog
  /** Names a request in `x-request-id`, in the log and in a sentence about an internal error. */
  readonly newRequestId: () => string
  readonly settings?: {
    /** Writes are 403 `read_only`, whoever asks. */
    readonly readOnly?: boolean
  }
}

const ANYBODY: Caller = { actor: 'anybody', access: 'read', sources: [] }

/**
 * The registry over HTTP, as a Hono app that any server, Lambda adapter or part of this process can call. It has
 * every route of `ROUTES`; others, such as the console, may be added to it.
 */
export function createApp(parts: AppParts): Hono {
  const app = new Hono({ getPath: routingPath })
  const apiOf = boundOnce(parts.registry)
  for (const route of ROUTES) app.on(route.method, honoPath(route.path), handlerOf(route, apiOf, parts))
  app.notFound((c) => {
    const request = failed(c, parts.newRequestId(), 'read')
    return noRouteAnswer(allowedMethods(ROUTES, c.req.path), request)
  })
  app.onError((error, c) => errorAnswer(error, failed(c, parts.newRequestId(), 'read'), parts.log))
  return app
}

/**
 * All of a request is in this one function. Hono calls a single handler at once, where middleware would have to be
 * composed for each request.
 */
function handlerOf(route: Route, apiOf: (caller: Caller) => RegistryApi, parts: AppParts) {
  return async (c: Context): Promise<Response> => {
    const requestId = parts.newRequestId()
    try {
      const caller = route.access === 'open' ? ANYBODY : admit(route, c, parts)
      demandCleanUrl(c.req.url)
      return await route.respond(c, apiOf(caller), requestId)
    } catch (error) {
      return errorAnswer(error, failed(c, requestId, route.kind), parts.log)
    }
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

/** A caller's bound operations are made once, as auth gives the same object for the same credentials. */
function boundOnce(registry: Registry): (caller: Caller) => RegistryApi {
  const bound = new WeakMap<Caller, RegistryApi>()
  return (caller) => {
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
