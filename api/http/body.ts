import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import { findFlaw } from './json-flaw.ts'
import type { IncomingRequest } from './request.ts'

const JSON_TYPE = /^application\/json\s*(;|$)/i

/**
 * Parses the JSON body of a request; a missing body is `{}`. All strings and keys are well-formed Unicode without
 * NUL, and the nesting depth is limited. Throws `too_large`, `unsupported_media_type`, `invalid_text`,
 * `invalid_json`, `invalid_request`.
 */
export async function readJsonBody(request: IncomingRequest): Promise<unknown> {
  const bytes = await readBytes(request)
  if (bytes.byteLength === 0) return {}
  demandJsonType(request.headers)
  const value = parse(decode(bytes))
  demandValues(value)
  return value
}

/** Throws `invalid_text` or `invalid_request` for values that cannot be stored, whatever their schema. */
export function demandValues(value: unknown): void {
  const flaw = findFlaw(value)
  if (flaw !== undefined) throw new RegistryError(flaw.code, flaw.sentence)
}

async function readBytes(request: IncomingRequest): Promise<Uint8Array> {
  const declared = request.headers.get('content-length')
  if (declared !== null && Number(declared) > LIMITS.bodyBytes) throw tooLarge()
  try {
    // With a declared length, the server limits how much is read, so the whole body can be read at once.
    if (declared === null) return await readBounded(request)
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.byteLength > LIMITS.bodyBytes) throw tooLarge()
    return bytes
  } catch (error) {
    if (error instanceof RegistryError) throw error
    throw new RegistryError('invalid_request', 'The body ended before it was complete; send it again.', {
      cause: error,
    })
  }
}

async function readBounded(request: IncomingRequest): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > LIMITS.bodyBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(): RegistryError {
  return new RegistryError(
    'too_large',
    `The body is larger than ${LIMITS.bodyBytes} bytes; send less in one request.`,
    { details: { limit_bytes: LIMITS.bodyBytes } },
  )
}

function demandJsonType(headers: IncomingRequest['headers']): void {
  const type = headers.get('content-type')
  if (type === null || !JSON_TYPE.test(type)) {
    throw new RegistryError(
      'unsupported_media_type',
      `The body must be JSON with the header "content-type: application/json"; this one came ${type === null ? 'without a content type' : `as "${type.slice(0, 100)}"`}.`,
    )
  }
  const encoding = headers.get('content-encoding')
  if (encoding !== null && encoding !== 'identity') {
    throw new RegistryError('unsupported_media_type', 'Compressed bodies are not supported; send plain JSON.')
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new RegistryError(
      'invalid_text',
      'The body is not valid UTF-8; save the text as UTF-8 and send it again.',
    )
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof SyntaxError ? positionOf(error) : ''
    throw new RegistryError('invalid_json', `The body is not valid JSON${reason}.`)
  }
}

/** Only the position, because the rest of the engine's message quotes the body. */
function positionOf(error: SyntaxError): string {
  const position = /at position (\d+)/.exec(error.message)?.[1]
  if (position !== undefined) return `; the error is at character ${Number(position) + 1}`
  return /end of JSON/.test(error.message) ? '; it is incomplete' : ''
}
