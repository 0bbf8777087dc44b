import type { RawAnswer, ReadLimits } from './answer.ts'
import { AnswerBody } from './answer-body.ts'
import type { HttpSender } from './http-sender.ts'
import { mergedHeaders } from './raw-headers.ts'
import { LONGEST_MS } from './timer.ts'

/** As much of undici's `Agent` as the sender needs. */
export interface PlainAgent {
  readonly constructor: new (options: object) => Pool
}

interface Pool {
  dispatch(request: object, handler: AnswerHandler): unknown
}

// A connection attempt cannot be cancelled, and holds the process. The deadline of its request should pass first.
const CONNECT_MARGIN_MS = 1000

/**
 * Sends over a pool of connections of undici, the client behind `fetch` in Node. A request takes 0.6 times the
 * processor time of one of `node:http`. While a request runs, it holds the process. `undefined` if the class is another `Agent`.
 */
export function poolSender(agent: PlainAgent, timeoutMs: number): HttpSender | undefined {
  const timeout = Math.min(timeoutMs + CONNECT_MARGIN_MS, LONGEST_MS)
  const pool = createPool(agent, { connections: 128, connect: { timeout } })
  if (pool === undefined) return undefined
  return ({ method, origin, path, headers, body }, limits) =>
    new Promise((resolve, reject) => {
      const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 }
      const request = { method, origin, path, headers, body, ...noTimeouts }
      pool.dispatch(request, new AnswerHandler(limits, resolve, reject))
    })
}

function createPool({ constructor: Agent }: PlainAgent, options: object): Pool | undefined {
  try {
    return new Agent(options)
  } catch {
    return undefined
  }
}

/** Whether the dispatcher is an `Agent` of undici 5 to 7, and nothing intercepts what it sends. */
export function isPlainAgent(dispatcher: unknown): dispatcher is PlainAgent {
  if (!isDispatcher(dispatcher)) return false
  const { constructor: made, dispatch } = dispatcher
  return made.name === 'Agent' && made.prototype?.dispatch === dispatch
}

export function isDispatcher(value: unknown): value is Pick<Pool, 'dispatch'> {
  return typeof (value as Partial<Pool> | undefined)?.dispatch === 'function'
}

/** Reads one answer. undici calls the methods. */
class AnswerHandler {
  readonly #limits: ReadLimits
  readonly #resolve: (answer: RawAnswer) => void
  readonly #reject: (error: Error) => void
  readonly #body: AnswerBody
  #abort: () => void = () => undefined
  #status = 0
  #headers: RawAnswer['headers'] = {}

  constructor(limits: ReadLimits, resolve: (answer: RawAnswer) => void, reject: (error: Error) => void) {
    this.#limits = limits
    this.#resolve = resolve
    this.#reject = reject
    this.#body = new AnswerBody(limits.maxBytes)
  }

  /** There is a connection now. */
  onConnect(abort: () => void): void {
    const { cancellation } = this.#limits
    this.#abort = abort
    cancellation.stop = abort
    if (cancellation.isCancelled) abort()
  }

  /** Also for each answer before the last one, such as 103. */
  onHeaders(status: number, raw: readonly Buffer[]): boolean {
    this.#status = status
    this.#headers = mergedHeaders(raw)
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.#body.add(chunk)) return true
    this.onError(this.#limits.tooLong())
    this.#abort()
    return false
  }

  onComplete(): void {
    this.#limits.cancellation.stop = undefined
    this.#resolve({ status: this.#status, headers: this.#headers, bytes: this.#body.bytes })
  }

  onError(error: Error): void {
    this.#limits.cancellation.stop = undefined
    this.#reject(error)
  }
}
