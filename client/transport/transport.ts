/**
 * One question to the registry. `path` starts with `/`, is percent-encoded already and has no dot segments.
 *
 * @example
 * ```ts
 * const request: TransportRequest = { method: 'GET', path: '/prompts/support%2Ftriage' }
 * ```
 */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * The response to a request, whatever its status.
 *
 * @example
 * ```ts
 * const answer: TransportAnswer = { status: 200, headers: { etag: '"1"' }, body: { content: 'text' } }
 * ```
 */
export interface TransportAnswer {
  readonly status: number
  /** Names in lower case; `etag` among them where the registry sent one. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON. `undefined` where there was none: 204, 304, an empty body, or an error page of a proxy. */
  readonly body: unknown
}

/**
 * For one request, instead of the adapter's own.
 *
 * @example
 * ```ts
 * await transport.send(request, { timeoutMs: 500, signal })
 * ```
 */
export interface SendOptions {
  readonly signal?: AbortSignal
  /** Milliseconds until the last byte of the answer; the adapter's own figure when not given. */
  readonly timeoutMs?: number
  /** Nobody waits for the answer, so asking for it must not keep the process alive. */
  readonly background?: boolean
}

/**
 * A way to the registry. The callers are `createRegistryApi` and, through it, everything else.
 *
 * Promises of every adapter:
 * - Method, path, query, headers and body arrive as they were given, at most once; only a GET may be asked a
 *   second time, when the connection closed before anything came back.
 * - Every status is an answer, 4xx and 5xx too. Redirects are not followed, so that a credential never travels
 *   on: they are a `bad_answer`.
 * - Nothing hangs: a send settles within its deadline, which covers connecting, headers and body, and at once
 *   when its signal aborts, even where what lies below ignores both.
 * - An answer is bounded: one that is larger than the adapter's cap is a `bad_answer`.
 * - Every rejection is a `TransportError`, and no credential appears in it or in its causes.
 *
 * @example
 * ```ts
 * const client = new PromptRegistryClient({ transport: { send: (request) => gateway.forward(request) } })
 * ```
 */
export interface Transport {
  send(request: TransportRequest, options?: SendOptions): Promise<TransportAnswer>
}

/**
 * `timeout`: the deadline passed. `aborted`: the caller's signal. `unreachable`: no connection, or it broke.
 * `bad_answer`: something answered, but not as a registry does.
 */
export type TransportErrorCode = 'timeout' | 'aborted' | 'unreachable' | 'bad_answer'

/**
 * Why there is no answer. `message` is a sentence with the next move, `cause` is for the operator.
 *
 * @example
 * ```ts
 * throw new TransportError('unreachable', 'The gateway is down. Check its status page.')
 * ```
 */
export class TransportError extends Error {
  /** Also in the built client, which shortens other names. */
  static override readonly name: string = 'TransportError'
  readonly code: TransportErrorCode

  constructor(code: TransportErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'TransportError'
    this.code = code
  }
}

export function isTransportError(error: unknown): error is TransportError {
  return error instanceof TransportError
}
