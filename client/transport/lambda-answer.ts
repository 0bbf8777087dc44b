import type { InvokeCommandOutput } from '@aws-sdk/client-lambda'
import { TransportError } from './transport.ts'

type LambdaFields = Readonly<Record<string, unknown>>

const WITHOUT_BODY: readonly number[] = [204, 205, 304]
const SHOWN_CHARACTERS = 500

/**
 * The payload of a function as an HTTP response. As with a Function URL, an object without `statusCode` is the body
 * of a 200. Throws `bad_answer` with Lambda's error if the function failed.
 */
export function functionAnswer(
  { FunctionError: failed, Payload }: InvokeCommandOutput,
  who: string,
): Response {
  const returned = parse(Payload, who)
  if (failed !== undefined) throw functionError(failed, returned, who)
  if (!isRecord(returned)) throw noAnswer(who)
  const { statusCode = 200, headers } = returned
  const body = 'statusCode' in returned ? bodyOf(returned) : JSON.stringify(returned)
  const status = Number(statusCode)
  // Not left to Response, which some servers replace by one that checks nothing until it is read.
  if (!Number.isInteger(status) || status < 200 || status > 599) throw noAnswer(who)
  try {
    return new Response(WITHOUT_BODY.includes(status) ? null : body, {
      status,
      headers: new Headers(headerPairs(headers)),
    })
  } catch (cause) {
    throw noAnswer(who, cause)
  }
}

function parse(payload: Uint8Array | undefined, who: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (cause) {
    throw noAnswer(who, cause)
  }
}

function bodyOf({ body, isBase64Encoded }: LambdaFields): string | Uint8Array<ArrayBuffer> | null {
  if (body === undefined || body === null) return null
  if (typeof body !== 'string') return JSON.stringify(body)
  return isBase64Encoded === true ? Buffer.from(body, 'base64') : body
}

function headerPairs(headers: unknown): [string, string][] {
  if (!isRecord(headers)) return []
  return Object.entries(headers).map(([name, value]) => [name, String(value)])
}

/** `failed` is `Unhandled`, or `Handled` in older runtimes. */
function functionError(failed: string, document: unknown, who: string): TransportError {
  const { errorType, errorMessage } = isRecord(document) ? document : {}
  const type = typeof errorType === 'string' ? errorType : failed
  const message =
    typeof errorMessage === 'string' ? errorMessage.slice(0, SHOWN_CHARACTERS) : 'no reason given'
  return new TransportError('bad_answer', `${who} failed with ${type}: ${message}. Its log has the details.`)
}

function noAnswer(who: string, cause?: unknown): TransportError {
  return new TransportError(
    'bad_answer',
    `${who} returned something that is no HTTP answer; is it a prompt registry?`,
    cause === undefined ? {} : { cause },
  )
}

function isRecord(value: unknown): value is LambdaFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
