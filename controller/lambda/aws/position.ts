import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { scrubOf } from '../../../client/transport/aws-credentials.ts'
import { type Position, parsePosition } from '../../notify/position.ts'
import type { Positions } from '../../notify/publisher.ts'
import type { ObjectPlace } from './document.ts'

/** Invocations change the position at the same time only rarely. */
const MOST_TRIES = 10

/** Keeps a position in an object, which Terraform creates as `null`. */
export function createPositions(s3: S3Client, { bucket: Bucket, key: Key }: ObjectPlace): Positions {
  async function get(): Promise<{ position: Position | null; etag: string }> {
    const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    return { position: parsePosition((await Body?.transformToString('utf8')) ?? ''), etag: ETag }
  }

  /** Returns whether the object was still the same. */
  async function put(position: Position, etag: string): Promise<boolean> {
    const Body = JSON.stringify(position)
    try {
      await s3.send(
        new PutObjectCommand({ Bucket, Key, Body, IfMatch: etag, ContentType: 'application/json' }),
      )
      return true
    } catch (error) {
      if (isConflict(error)) return false
      throw error
    }
  }

  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      // The SDK's own error refers to the request, which has the session token.
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      const scrub = await scrubOf(s3)
      throw new Error(`The position s3://${Bucket}/${Key} cannot be used (${name}: ${scrub(message)}).`)
    }
  }

  return {
    read: () => explained(async () => (await get()).position),
    update: (change, start) =>
      explained(async () => {
        for (let tries = 0; tries < MOST_TRIES; tries++) {
          const { position, etag } = await get()
          if (await put(change(position ?? start), etag)) return
        }
        throw new Error('others changed it at the same time')
      }),
  }
}

/** 412: another ETag. 409: another write at the same time. */
function isConflict(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  return status === 412 || status === 409
}
