import { RegistryError } from '../contract/errors.ts'
import type { RegistryApi } from '../contract/registry-api.ts'
import type { Caller } from '../registry/caller.ts'
import type { Registry } from '../registry/registry.ts'
import type { ReportFailure } from '../registry/report-failure.ts'
import type { ReportRead } from '../registry/report-read.ts'
import type { Budget } from '../store/budget.ts'
import type { RegistryAnswer } from './answer.ts'
import { type Auth, demandAccess } from './auth.ts'
import { type CountRead, type RequestReads, readsOf } from './counted-reads.ts'
import type { RequestKind } from './error-table.ts'
import { errorAnswer, type FailedRequest, noRouteAnswer, partLog } from './errors.ts'
import type { FinishedAnswers, KeepAnswer, KeptHits } from './finished-answers.ts'
import type { HttpLog } from './log.ts'
import { allowedMethods, demandCleanUrl } from './paths.ts'
import type { RoutedRequest } from './request.ts'
import type { Route } from './route.ts'
import { findRoute, routed } from './routed.ts'
import { ROUTES } from './routes/index.ts'

export interface HandlerParts {
  readonly registry: Registry
  /** Authenticates every request that is not open. */
  readonly auth: Auth
  readonly log: HttpLog
  /** Keeps the responses of conditional routes. Default: none are kept. */
  readonly finished?: FinishedAnswers
  /** Counts the reads of requests. Default: none are counted. */
  readonly countRead?: CountRead | undefined
  /** The time budget of a request. `env` is the server's data about it. */
  readonly budgetOf?: (env: unknown) => Budget | undefined
  /** Creates a request id for `x-request-id`, the log and messages about internal errors. */
  readonly newRequestId: (env: unknown) => string
  readonly settings?: {
    /** Refuse writes with 403 `read_only` for every caller. */
    readonly readOnly?: boolean
  }
}

/** `env` is the server's data about the request. Never rejects: errors become answers. */
export type Handle = (request: RoutedRequest, env: unknown) => Promise<RegistryAnswer>

export interface RouteHandler {
  readonly route: Route
  readonly handle: Handle
}

const ANYBODY: Caller = { actor: 'anybody', access: 'read', sources: [] }

/** Handlers of all `ROUTES`, for any server. */
export function createHandlers(parts: HandlerParts): readonly RouteHandler[] {
  const apiOf = boundOnce(parts.registry)
  const handlers: RouteHandler[] = ROUTES.map((route) => {
    const handle = handlerOf(route, apiOf, parts)
    const hasFiles = route.path.includes('/files/')
    return { route, handle: hasFiles ? withRawIds(handle, () => handlers) : handle }
  })
  return handlers
}

/** The response when no route matches. */
export function noRoute(request: RoutedRequest, requestId: string): RegistryAnswer {
  return noRouteAnswer(allowedMethods(ROUTES, request.path), failed(request, requestId, 'read'))
}

function handlerOf(route: Route, apiOf: BoundApi, parts: HandlerParts): Handle {
  const hits = parts.finished?.hitsOf(route.path)
  return async (request, env) => {
    const requestId = parts.newRequestId(env)
    try {
      const caller = route.access === 'open' ? ANYBODY : admit(route, request, env, parts)
      demandCleanUrl(request.url)
      const reads = readsOf(route, request, parts.countRead)
      const keep = route.conditional ? keeperOf(parts.finished, caller, env, hits, reads) : undefined
      const failedPart = route.inParts
        ? partLog(failed(request, requestId, route.kind), parts.log)
        : undefined
      const api = apiOf(caller, parts.budgetOf?.(env), failedPart, reads?.report)
      const answer = await route.respond(request, api, requestId, keep)
      reads?.count()
      return answer
    } catch (error) {
      return errorAnswer(error, failed(request, requestId, route.kind), parts.log)
    }
  }
}

/** A raw prompt id may have a segment `files`, so a path that is no file of a prompt can be a prompt. */
function withRawIds(handle: Handle, handlers: () => readonly RouteHandler[]): Handle {
  return async (request, env) => {
    const answer = await handle(request, env)
    if (answer.status !== 400 && answer.status !== 404) return answer
    const url = request.url.replace('/files/', '/files%2F')
    const other = url === request.url ? undefined : findRoute(handlers(), { method: request.method, url })
    if (other === undefined) return answer
    const found = await other.handle(routed(request.raw, url, other.route.path), env)
    return found.status < 400 ? found : answer
  }
}

function admit(route: Route, request: RoutedRequest, env: unknown, parts: HandlerParts): Caller {
  const caller = parts.auth(request.raw, env)
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

export function failed(request: RoutedRequest, requestId: string, kind: RequestKind): FailedRequest {
  return { requestId, method: request.method, path: request.path, kind }
}
