import { AnswerBody } from './answer-body.ts'
import type { Cancellation } from './cancellation.ts'
import { type TransportAnswer, TransportError } from './transport.ts'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

export interface ReadLimits {
  readonly maxBytes: number
  readonly cancellation: Cancellation
  /** The error for an answer of more bytes. */
  readonly tooLong: () => Error
}

// A page of 1,000 prompts with full descriptions and tags, or 5 MiB of contents with every character escaped.
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses the answer. Throws `bad_answer`. */
export function parseAnswer({ status, headers, bytes }: RawAnswer, who: string): TransportAnswer {
  if (status >= 300 && status < 400 && status !== 304) {
    throw new TransportError(
      'bad_answer',
      `${who} answered with a redirect (${status}), which is not followed; use the address it leads to.`,
    )
  }
  if (bytes.length === 0) return { status, headers, body: undefined }
  return { status, headers, body: parseBody(bytes, status, who) }
}

/** Reads a fetch `Response`. Throws `bad_answer`; errors of the stream pass through. */
export async function readResponse(response: Response, limits: ReadLimits): Promise<RawAnswer> {
  const { status } = response
  const headers = Object.fromEntries(response.headers)
  if (status >= 300 && status < 400) {
    void response.body?.cancel().catch(() => undefined)
    return { status, headers, bytes: new Uint8Array() }
  }
  return { status, headers, bytes: await readBytes(response, limits) }
}

async function readBytes(response: Response, limits: ReadLimits): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array()
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const cancel = () => void reader.cancel().catch(() => undefined)
  limits.cancellation.stop = cancel
  const body = new AnswerBody(limits.maxBytes)
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (body.add(part.value)) continue
      cancel()
      throw limits.tooLong()
    }
  } finally {
    limits.cancellation.stop = undefined
  }
  return body.bytes
}

function parseBody(bytes: Uint8Array, status: number, who: string): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    // Proxies and load balancers answer errors with pages of their own; the status still says what happened.
    if (status >= 400) return undefined
    throw new TransportError(
      'bad_answer',
      `${who} answered ${status}, but not with JSON; is this the address of a prompt registry?`,
      { cause },
    )
  }
}
