import { AsyncLocalStorage } from 'node:async_hooks'
import { RegistryError } from '../contract/errors.ts'
import { createApp } from '../http/app.ts'
import { errorAnswer } from '../http/errors.ts'
import type { Caller } from '../registry/caller.ts'
import type { Registry } from '../registry/registry.ts'
import { type LambdaAnswer, lambdaAnswer } from './answer.ts'
import { readEvent } from './event.ts'
import type { FinishedRequest, Observer } from './observer.ts'
import { operationOf } from './operation.ts'
import { promotionsIn } from './promotions.ts'

export interface LambdaParts {
  readonly registry: Registry
  readonly observer: Observer
  /** The reader: whoever may invoke it may read, and writes are 403 `read_only`. */
  readonly readOnly: boolean
  /** Milliseconds on any scale that never goes back. */
  readonly clock: () => number
  /** Names a request where the runtime does not. */
  readonly newId: () => string
}

/** As much of the runtime's context as is used. */
export interface LambdaContext {
  readonly awsRequestId?: string
}

export type LambdaHandler = (event: unknown, context?: LambdaContext) => Promise<LambdaAnswer>

/** Lambda refuses an answer above 6 MB, counted in bytes of the JSON that wraps it. */
const MOST_ANSWER_BYTES = 6 * 1024 * 1024 - 1024

interface Env {
  readonly caller: Caller
}

/**
 * The registry behind Lambda events. IAM decides who may invoke the function, and whoever may is admin of all of
 * it, or may read where it is the reader. Whatever happens, the answer is a document and never a stack.
 */
export function createLambdaHandler(parts: LambdaParts): LambdaHandler {
  const { registry, observer, readOnly, clock, newId } = parts
  const requestIds = new AsyncLocalStorage<string>()
  const callerOf = callers(readOnly)
  const app = createApp({
    registry,
    auth: (_request, env) => (env as Env).caller,
    log: observer,
    newRequestId: () => requestIds.getStore() ?? newId(),
    settings: { readOnly },
  })

  const ask = async (event: unknown, requestId: string): Promise<Asked> => {
    try {
      const { request, actor } = readEvent(event)
      const env: Env = { caller: callerOf(actor) }
      const response = await requestIds.run(requestId, async () => app.fetch(request, env))
      const { method, url } = request
      const about = { actor, method, path: new URL(url).pathname, operation: operationOf(request) }
      return { about, answer: bounded(await lambdaAnswer(response)) }
    } catch (error) {
      return { about: UNREADABLE, answer: await failure(error, requestId, observer) }
    }
  }

  return async (event, context) => {
    const start = clock()
    const requestId = context?.awsRequestId ?? newId()
    const { about, answer } = await ask(event, requestId)
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

interface Asked {
  readonly about: Pick<FinishedRequest, 'actor' | 'method' | 'path' | 'operation'>
  readonly answer: LambdaAnswer
}

const UNREADABLE: Asked['about'] = { actor: 'lambda:unknown', method: 'EVENT', path: '', operation: 'none' }

async function failure(error: unknown, requestId: string, observer: Observer): Promise<LambdaAnswer> {
  const { method, path } = UNREADABLE
  return await lambdaAnswer(errorAnswer(error, { requestId, method, path, kind: 'read' }, observer))
}

/** For a function that cannot start: each time the log says why, and the caller still gets a document. */
export function createBrokenHandler(
  error: unknown,
  { observer, newId }: Pick<LambdaParts, 'observer' | 'newId'>,
): LambdaHandler {
  return async (_event, context) => await failure(error, context?.awsRequestId ?? newId(), observer)
}

/** A caller is made once, as the app keeps what it binds to it. */
function callers(readOnly: boolean): (actor: string) => Caller {
  const known = new Map<string, Caller>()
  return (actor) => {
    const before = known.get(actor)
    if (before !== undefined) return before
    const caller: Caller = { actor, access: readOnly ? 'read' : 'admin', sources: 'any' }
    // Sessions of assumed roles have names without end.
    if (known.size >= 100) known.clear()
    known.set(actor, caller)
    return caller
  }
}

function bounded(answer: LambdaAnswer): LambdaAnswer {
  // No escaping makes a character longer than six bytes.
  if (answer.body.length * 6 < MOST_ANSWER_BYTES) return answer
  if (Buffer.byteLength(JSON.stringify(answer)) <= MOST_ANSWER_BYTES) return answer
  const refusal = new RegistryError(
    'too_large',
    'The answer is larger than the 6 MB that AWS Lambda can give at once; ask for fewer references, or for a smaller page.',
  )
  return { ...answer, statusCode: 413, body: JSON.stringify(refusal.toDocument()) }
}

/** A request is answered whether or not it could be counted. */
function observe(observer: Observer, request: FinishedRequest): void {
  try {
    observer.finished(request)
  } catch (error) {
    observer.error('a request was not counted', { request_id: request.requestId, error })
  }
}
