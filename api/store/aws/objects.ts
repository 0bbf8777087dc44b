import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { LIMITS } from '../../contract/limits.ts'
import type { Calls } from './calls.ts'
import { errorName, httpStatus } from './failures.ts'
import { readObject } from './read-object.ts'

/** Four times the limit of a push, because seeded content has no limit of its own. Limits memory. */
export const MOST_TEXT_BYTES = 4 * LIMITS.contentBytes

/** The content of an object, unless the reader already has it. */
export interface FetchedObject {
  readonly bytes: Uint8Array
  readonly etag: string | undefined
  /** ISO 8601; `null` if S3 does not return it. */
  readonly modifiedAt: string | null
}

/** Objects of the bucket. Throws `RegistryError`. */
export class Objects {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #calls: Calls

  constructor(client: S3Client, bucket: string, calls: Calls) {
    this.#client = client
    this.#bucket = bucket
    this.#calls = calls
  }

  /** Rejects if the bucket cannot be reached. */
  async check(): Promise<void> {
    const command = new HeadBucketCommand({ Bucket: this.#bucket })
    await this.#calls.make((abortSignal) => this.#client.send(command, { abortSignal }))
  }

  /** Stores text at an unused key, and returns whether it did. */
  async putIfFree(key: string, text: string): Promise<boolean> {
    const put = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: text,
      ContentLength: Buffer.byteLength(text),
      ContentType: 'text/plain; charset=utf-8',
      IfNoneMatch: '*',
    })
    return await this.#calls.make(async (abortSignal) => {
      try {
        await this.#client.send(put, { abortSignal })
        return true
      } catch (error) {
        if (httpStatus(error) === 412) return false
        throw error
      }
    })
  }

  /** Deletes the object, if there is one. A versioned bucket keeps its content. */
  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })
    await this.#calls.make((abortSignal) => this.#client.send(command, { abortSignal }))
  }

  /** `null` if there is no object, `unchanged` if it still has this etag, `too_large` if it exceeds the limit. */
  async fetch(
    key: string,
    etag?: string,
    mostBytes = MOST_TEXT_BYTES,
  ): Promise<FetchedObject | 'unchanged' | 'too_large' | null> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(etag !== undefined && { IfNoneMatch: etag }),
    })
    return await this.#calls.make(async (abortSignal) => {
      try {
        const answer = await this.#client.send(command, { abortSignal })
        const bytes = await readObject(answer, mostBytes, abortSignal)
        if (bytes === 'too_large') return bytes
        return { bytes, etag: answer.ETag, modifiedAt: answer.LastModified?.toISOString() ?? null }
      } catch (error) {
        if (httpStatus(error) === 304) return 'unchanged'
        if (errorName(error) === 'NoSuchKey') return null
        throw error
      }
    })
  }
}
