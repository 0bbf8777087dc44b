import type { LambdaAnswer } from './answer.ts'
import { readEvent } from './event.ts'

/** `readEvent` for handlers of the Fetch API. Throws `invalid_request`. */
export function fetchRequest(event: unknown): Request {
  const { method, url, headerFields, bytes } = readEvent(event).request
  const headers = [...headerFields]
  return new Request(url, { method, headers, ...(bytes.byteLength > 0 && { body: bytes }) })
}

/** A response of the Fetch API with a body of text. */
export async function fetchAnswer(response: Response): Promise<LambdaAnswer> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  }
}
