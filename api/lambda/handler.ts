import { RegistryError } from '../contract/errors.ts'
import type { RegistryAnswer } from '../http/answer.ts'
import { errorAnswer } from '../http/errors.ts'
import { createHandlers, noRoute } from '../http/handlers.ts'
import { findRoute, routed } from '../http/routed.ts'
import { ROUTES } from '../http/routes/index.ts'
import type { Caller } from '../registry/caller.ts'
import type { Registry } from '../registry/registry.ts'
import type { Budget } from '../store/budget.ts'
import { type LambdaAnswer, lambdaAnswer } from './answer.ts'
import { limitsOf, withBudget } from './budget.ts'
import { type EventRequest, readEvent } from './event.ts'
import type { FinishedRequest, Observer } from './observer.ts'
import { promotionsIn } from './promotions.ts'
import type { FunctionReads } from './reads.ts'

export interface LambdaParts {
  readonly registry: Registry
  readonly observer: Observer
  /** Run as the reader: everyone allowed to invoke it may read, and writes are 403 `read_only`. */
  readonly readOnly: boolean
  /** Counts reads. Default: none are counted. */
  readonly reads?: FunctionReads | undefined
  /** Milliseconds from a monotonic clock. */
  readonly clock: () => number
  /** Creates a request id if the runtime provides none. */
  readonly newId: () => string
}

/** The part of the runtime's context that is used. */
export interface LambdaContext {
  readonly awsRequestId?: string
  readonly getRemainingTimeInMillis?: () => number
}

export type LambdaHandler = (event: unknown, context?: LambdaContext) => Promise<LambdaAnswer>

/** Lambda refuses a response above 6 MB, counted in bytes of the JSON around it. */
const MOST_ANSWER_BYTES = 6 * 1024 * 1024 - 1024

/** The first segments of all paths. */
const ROOTS: ReadonlySet<string> = new Set(ROUTES.map(({ path }) => path.split('/')[1] ?? ''))

interface Env {
  readonly requestId: string
  readonly caller: Caller
  readonly budget: Budget
}

/**
 * The registry behind Lambda events. IAM decides who may invoke the function. Everyone who may is an admin, or in
 * the reader has read access. The response is always a document, never a stack trace.
 */
export function createLambdaHandler(parts: LambdaParts): LambdaHandler {
  const { registry, observer, readOnly, reads, clock, newId } = parts
  const callerOf = callers(readOnly)
  const handlers = createHandlers({
    registry,
    auth: (_request, env) => (env as Env).caller,
    budgetOf: (env) => (env as Env).budget,
    log: observer,
    countRead: reads?.counter.count.bind(reads.counter),
    newRequestId: (env) => (env as Env).requestId,
    settings: { readOnly },
  })

  const ask = async (event: unknown, requestId: string, remainingMs: number): Promise<LambdaRequest> => {
    try {
      const { request, actor } = readEvent(event, ROOTS)
      const { method, url } = request
      const found = findRoute(handlers, request)
      const operation = found?.route.operationId ?? 'none'
      const about = { actor, method, path: new URL(url).pathname, operation }
      const asked = routed(request, url, found?.route.path)
      const answer = await withBudget(limitsOf(operation, remainingMs), async (budget) => {
        const env: Env = { caller: callerOf(actor), budget, requestId }
        return found === undefined ? noRoute(asked, requestId) : await found.handle(asked, env)
      })
      return { about, answer: bounded(lambdaAnswer(withoutBodyOfHead(request, answer))) }
    } catch (error) {
      return { about: UNREADABLE, answer: failure(error, requestId, observer) }
    }
  }

  return async (event, context) => {
    const start = clock()
    const requestId = context?.awsRequestId ?? newId()
    const remainingMs = context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY
    const { about, answer } = await ask(event, requestId, remainingMs)
    await reads?.storeIfDue(context?.getRemainingTimeInMillis?.() ?? remainingMs)
    observe(observer, {
      ...about,
      requestId,
      status: answer.statusCode,
      durationMs: clock() - start,
      promotions: answer.statusCode === 200 ? promotionsIn(about.operation, answer.body) : 0,
    })
    return answer
  }
}

interface LambdaRequest {
  readonly about: Pick<FinishedRequest, 'actor' | 'method' | 'path' | 'operation'>
  readonly answer: LambdaAnswer
}

const UNREADABLE: LambdaRequest['about'] = {
  actor: 'lambda:unknown',
  method: 'EVENT',
  path: '',
  operation: 'none',
}

function withoutBodyOfHead({ method }: EventRequest, answer: RegistryAnswer): RegistryAnswer {
  return method === 'HEAD' ? { ...answer, text: null } : answer
}

function failure(error: unknown, requestId: string, observer: Observer): LambdaAnswer {
  const { method, path } = UNREADABLE
  return lambdaAnswer(errorAnswer(error, { requestId, method, path, kind: 'read' }, observer))
}

/** The handler of a function that cannot start. Each invocation logs the reason and returns an error document. */
export function createBrokenHandler(
  error: unknown,
  { observer, newId }: Pick<LambdaParts, 'observer' | 'newId'>,
): LambdaHandler {
  return async (_event, context) => failure(error, context?.awsRequestId ?? newId(), observer)
}

/** Created once per caller, because the app caches the operations bound to it. */
function callers(readOnly: boolean): (actor: string) => Caller {
  const known = new Map<string, Caller>()
  return (actor) => {
    const before = known.get(actor)
    if (before !== undefined) return before
    const caller: Caller = { actor, access: readOnly ? 'read' : 'admin', sources: 'any' }
    // Role sessions can have any number of names, so the cache is limited.
    if (known.size >= 100) known.clear()
    known.set(actor, caller)
    return caller
  }
}

function bounded(answer: LambdaAnswer): LambdaAnswer {
  // JSON escapes a character with at most six bytes.
  if (answer.body.length * 6 < MOST_ANSWER_BYTES) return answer
  if (Buffer.byteLength(JSON.stringify(answer)) <= MOST_ANSWER_BYTES) return answer
  const refusal = new RegistryError(
    'too_large',
    'The response exceeds the AWS Lambda limit of 6 MB; request fewer references or a smaller page.',
  )
  return { ...answer, statusCode: 413, body: JSON.stringify(refusal.toDocument()) }
}

/** A failure to count a request must not fail the request. */
function observe(observer: Observer, request: FinishedRequest): void {
  try {
    observer.finished(request)
  } catch (error) {
    observer.error('a request was not counted', { request_id: request.requestId, error })
  }
}
