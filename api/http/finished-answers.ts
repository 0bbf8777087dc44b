import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../registry/caller.ts'
import { conditionalHeaders, unchangedHeaders } from './answer.ts'
import type { Identify, RequestHead } from './auth.ts'
import { matchesEntityTag } from './etag.ts'

/** A response body with its entity tag. */
export interface FinishedAnswer {
  readonly etag: string
  /** A string, because Node writes one together with the headers, and a buffer on its own. */
  readonly text: string
  readonly bytes: number
  readonly hits: KeptHits
}

/** How often the kept responses of a route were sent in full, and as 304. Plain numbers: a hit takes microseconds. */
export interface KeptHits {
  sent: number
  unchanged: number
}

/** Keeps one response. */
export type KeepAnswer = (text: string, etag: string) => void

export interface FinishedAnswersParts {
  /** A number that differs after every change of the store. */
  readonly changes: () => number
  /** The total size of kept bodies. The oldest go first. Default: 64 MiB. */
  readonly mostBytes?: number
}

const MOST_BYTES = 64 * 1024 * 1024

/**
 * Responses by caller and URL. They depend on nothing else, so each one is valid until the store changes. A hit is
 * ten times cheaper than the way through the registry.
 */
export class FinishedAnswers {
  readonly #changes: () => number
  readonly #mostBytes: number
  readonly #numbers = new WeakMap<Caller, number>()
  readonly #answers = new Map<string, FinishedAnswer>()
  readonly #hits = new Map<string, KeptHits>()
  #numberOfCallers = 0
  #bytes = 0
  #since = -1

  constructor({ changes, mostBytes = MOST_BYTES }: FinishedAnswersParts) {
    this.#changes = changes
    this.#mostBytes = mostBytes
  }

  /** `url` is the target of the request line. */
  find(caller: Caller, url: string): FinishedAnswer | undefined {
    if (this.#answers.size === 0) return undefined
    this.#forgetOld()
    return this.#answers.get(this.#key(caller, url))
  }

  /** The hits by route since the start. */
  get hits(): ReadonlyMap<string, Readonly<KeptHits>> {
    return this.#hits
  }

  /** The counters of a route, by its path in OpenAPI notation. */
  hitsOf(route: string): KeptHits {
    const known = this.#hits.get(route) ?? { sent: 0, unchanged: 0 }
    this.#hits.set(route, known)
    return known
  }

  /** Call it before the registry reads: a response that was made while the store changed is not kept. */
  keeper(caller: Caller, url: string, hits: KeptHits = { sent: 0, unchanged: 0 }): KeepAnswer {
    this.#forgetOld()
    const before = this.#since
    return (text, etag) => {
      if (this.#changes() === before)
        this.#keep(this.#key(caller, url), { etag, text, bytes: Buffer.byteLength(text), hits })
    }
  }

  #keep(key: string, answer: FinishedAnswer): void {
    this.#bytes += answer.bytes - (this.#answers.get(key)?.bytes ?? 0)
    this.#answers.set(key, answer)
    for (const [oldest, { bytes }] of this.#answers) {
      if (this.#bytes <= this.#mostBytes) break
      this.#answers.delete(oldest)
      this.#bytes -= bytes
    }
  }

  #forgetOld(): void {
    const now = this.#changes()
    if (now === this.#since) return
    this.#since = now
    this.#answers.clear()
    this.#bytes = 0
  }

  #key(caller: Caller, url: string): string {
    let number = this.#numbers.get(caller)
    if (number === undefined) {
      number = this.#numberOfCallers++
      this.#numbers.set(caller, number)
    }
    return `${number} ${url}`
  }
}

export interface FinishedAnswerParts {
  readonly answers: FinishedAnswers
  readonly identify: Identify
  readonly newRequestId: () => string
}

/** Answers a request from `answers`, and returns whether it did. All other requests take the way through the app. */
export function answerFinished(
  { answers, identify, newRequestId }: FinishedAnswerParts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  const { method, url = '', headers } = incoming
  if (method !== 'GET' || headers.host === undefined || hasBody(headers)) return false
  const caller = identify(headOf(incoming), { incoming })
  if (caller === undefined) return false
  const found = answers.find(caller, url)
  if (found === undefined) return false
  const { etag, text, bytes, hits } = found
  if (matchesEntityTag(headers['if-none-match'], etag)) {
    hits.unchanged++
    outgoing.writeHead(304, unchangedHeaders(newRequestId(), etag)).end()
  } else {
    hits.sent++
    const length = { 'content-length': bytes }
    outgoing.writeHead(200, { ...conditionalHeaders(newRequestId(), etag), ...length }).end(text)
  }
  return true
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

function headOf({ headers, url = '' }: IncomingMessage): RequestHead {
  const get = (name: string) => {
    const value = headers[name]
    return value === undefined ? null : String(value)
  }
  return { url, headers: { get, has: (name) => headers[name] !== undefined } }
}
