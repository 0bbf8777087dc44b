import { type TransportAnswer, TransportError } from './transport.ts'

export interface ReadLimits {
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** Who answered, to begin a sentence with. */
  readonly who: string
}

// A page of 1,000 prompts with full descriptions and tags, or 5 MiB of contents with every character escaped.
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024

/** A fetch `Response` as a transport's answer. Throws `bad_answer`; errors of the stream pass through. */
export async function readAnswer(response: Response, limits: ReadLimits): Promise<TransportAnswer> {
  const { status } = response
  const headers = Object.fromEntries(response.headers)
  if (status >= 300 && status < 400 && status !== 304) {
    discard(response)
    throw new TransportError(
      'bad_answer',
      `${limits.who} answered with a redirect (${status}), which is not followed; use the address it leads to.`,
    )
  }
  const bytes = await readBytes(response, limits)
  if (bytes.length === 0) return { status, headers, body: undefined }
  return { status, headers, body: parse(bytes, status, limits.who) }
}

async function readBytes(response: Response, { maxBytes, signal, who }: ReadLimits): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array()
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const cancel = () => void reader.cancel().catch(() => undefined)
  signal.addEventListener('abort', cancel, { once: true })
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength
      if (size > maxBytes) {
        cancel()
        throw new TransportError('bad_answer', `${who} answered with more than ${maxBytes} bytes.`)
      }
      chunks.push(part.value)
    }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

function parse(bytes: Uint8Array, status: number, who: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
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

function discard(response: Response): void {
  void response.body?.cancel().catch(() => undefined)
}
