import type { IncomingMessage, ServerResponse } from 'node:http'
import { APPLICATION_HEADER } from '../contract/application.ts'
import type { Caller } from '../registry/caller.ts'
import type { ReadVersion } from '../registry/report-read.ts'
import { conditionalHeaders, type FlatHeaders, flatHeaders, REQUEST_ID, unchangedHeaders } from './answer.ts'
import type { Identify, RequestHead } from './auth.ts'
import { type CountRead, countReads } from './counted-reads.ts'
import { matchesEntityTag } from './etag.ts'

/** The state that the response of a resolve depends on. */
export interface PromptState {
  readonly revision: number
  /** Whether the source of the prompt is settling. */
  readonly isSettling: boolean
}

/** The state of one prompt. */
export interface StateOfPrompt extends PromptState {
  readonly promptId: string
}

/** A response body with its entity tag. */
export interface FinishedAnswer {
  readonly etag: string
  /** A string, because Node writes one together with the headers, and a buffer on its own. */
  readonly text: string
  readonly bytes: number
  /** Made once for all hits. */
  readonly headers: { readonly sent: FlatHeaders; readonly unchanged: FlatHeaders }
  readonly hits: KeptHits
  /** The response depends on this prompt alone; undefined if it may depend on anything. */
  readonly of: StateOfPrompt | undefined
  /** The versions in it. */
  readonly reads: readonly ReadVersion[]
}

interface KeptAnswer extends FinishedAnswer {
  /** The count of changes at which it was last found valid. */
  validAt: number
}

/** How often the kept responses of a route were sent in full, and as 304. Plain numbers: a hit takes microseconds. */
export interface KeptHits {
  sent: number
  unchanged: number
}

/** Keeps one response. `of` is the prompt that was read, if the response depends on nothing else. */
export type KeepAnswer = (text: string, etag: string, of?: StateOfPrompt) => void

export interface FinishedAnswersParts {
  /** A number that differs after every change of the store. */
  readonly changes: () => number
  /** The current state of a prompt. */
  readonly stateOf: (promptId: string) => PromptState | undefined
  /** The total size of kept bodies. The oldest go first. Default: 64 MiB. */
  readonly mostBytes?: number
}

const MOST_BYTES = 64 * 1024 * 1024

/**
 * Responses by caller and URL. They depend on nothing else, so each one is valid until the store changes, and then
 * for as long as its prompt has the same state. A hit is ten times cheaper than the way through the registry.
 */
export class FinishedAnswers {
  readonly #changes: () => number
  readonly #stateOf: FinishedAnswersParts['stateOf']
  readonly #mostBytes: number
  readonly #numbers = new WeakMap<Caller, number>()
  readonly #answers = new Map<string, KeptAnswer>()
  readonly #hits = new Map<string, KeptHits>()
  #numberOfCallers = 0
  #bytes = 0

  constructor({ changes, stateOf, mostBytes = MOST_BYTES }: FinishedAnswersParts) {
    this.#changes = changes
    this.#stateOf = stateOf
    this.#mostBytes = mostBytes
  }

  /** `url` is the target of the request line. */
  find(caller: Caller, url: string): FinishedAnswer | undefined {
    if (this.#answers.size === 0) return undefined
    const key = this.#key(caller, url)
    const answer = this.#answers.get(key)
    if (answer === undefined) return undefined
    const now = this.#changes()
    if (answer.validAt !== now && !this.#isCurrent(answer.of)) {
      this.#forget(key, answer)
      return undefined
    }
    answer.validAt = now
    return answer
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

  /**
   * Call it before the registry reads: a response is not kept if its prompt, or anything else that it may depend on,
   * changed meanwhile. `reads` are the versions in the response, once it is kept.
   */
  keeper(
    caller: Caller,
    url: string,
    hits: KeptHits = { sent: 0, unchanged: 0 },
    reads: readonly ReadVersion[] = [],
  ): KeepAnswer {
    const before = this.#changes()
    return (text, etag, of) => {
      const validAt = this.#changes()
      if (validAt === before || this.#isCurrent(of))
        this.#keep(this.#key(caller, url), { ...finished(text, etag), hits, of, reads, validAt })
    }
  }

  /** Call it after `changes`, so that a later change is noticed. */
  #isCurrent(of: StateOfPrompt | undefined): boolean {
    if (of === undefined) return false
    const now = this.#stateOf(of.promptId)
    return now?.revision === of.revision && now.isSettling === of.isSettling
  }

  #keep(key: string, answer: KeptAnswer): void {
    const before = this.#answers.get(key)
    if (before !== undefined) this.#forget(key, before)
    this.#answers.set(key, answer)
    this.#bytes += answer.bytes
    for (const [oldest, kept] of this.#answers) {
      if (this.#bytes <= this.#mostBytes) break
      this.#forget(oldest, kept)
    }
  }

  #forget(key: string, { bytes }: KeptAnswer): void {
    this.#answers.delete(key)
    this.#bytes -= bytes
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

function finished(text: string, etag: string): Pick<FinishedAnswer, 'etag' | 'text' | 'bytes' | 'headers'> {
  const bytes = Buffer.byteLength(text)
  const sent = flatHeaders({ ...conditionalHeaders(etag), 'content-length': String(bytes) })
  return { etag, text, bytes, headers: { sent, unchanged: flatHeaders(unchangedHeaders(etag)) } }
}

export interface FinishedAnswerParts {
  readonly answers: FinishedAnswers
  readonly identify: Identify
  readonly newRequestId: () => string
  /** Counts the reads of a response. Default: none are counted. */
  readonly countRead?: CountRead | undefined
}

/** Answers a request from `answers`, and returns whether it did. All other requests take the way through the app. */
export function answerFinished(
  { answers, identify, newRequestId, countRead }: FinishedAnswerParts,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  const { method, url = '', headers } = incoming
  if (method !== 'GET' || headers.host === undefined || hasBody(headers)) return false
  const caller = identify(headOf(incoming), { incoming })
  if (caller === undefined) return false
  const found = answers.find(caller, url)
  if (found === undefined) return false
  const { etag, text, headers: kept, hits, reads } = found
  if (countRead !== undefined) countReads(countRead, headerText(headers[APPLICATION_HEADER]), reads)
  if (matchesEntityTag(headers['if-none-match'], etag)) {
    hits.unchanged++
    outgoing.writeHead(304, [...kept.unchanged, REQUEST_ID, newRequestId()]).end()
  } else {
    hits.sent++
    outgoing.writeHead(200, [...kept.sent, REQUEST_ID, newRequestId()]).end(text)
  }
  return true
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

function headerText(value: string | string[] | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

function headOf({ headers, url = '' }: IncomingMessage): RequestHead {
  const get = (name: string) => headerText(headers[name]) ?? null
  return { url, headers: { get, has: (name) => headers[name] !== undefined } }
}
