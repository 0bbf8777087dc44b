import { addAbortSignal, type Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'

/** As returned by S3. */
export interface StoredObject {
  readonly Body?: GetObjectCommandOutput['Body'] | undefined
  readonly ContentLength?: number | undefined
}

/**
 * The bytes of an object, or `too_large` if there are more than `most`; then none are kept. Aborts with the
 * signal.
 */
export async function readObject(
  { Body, ContentLength }: StoredObject,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array | 'too_large'> {
  if (Body === undefined) return new Uint8Array()
  // In Node, the body is the stream of the response.
  const stream = addAbortSignal(signal, Body as Readable)
  if ((ContentLength ?? 0) > most) {
    stream.destroy()
    return 'too_large'
  }
  const parts: Uint8Array[] = []
  let size = 0
  // Leaving the loop destroys the stream.
  for await (const part of stream as AsyncIterable<Uint8Array>) {
    size += part.byteLength
    if (size > most) return 'too_large'
    parts.push(part)
  }
  return Buffer.concat(parts)
}
