import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { errorName, httpStatus, retrying } from './failures.ts'

/** What an object holds, as far as its reader does not know it already. */
export interface FetchedObject {
  readonly bytes: Uint8Array
  readonly etag: string | undefined
  /** ISO 8601; `null` where S3 does not say. */
  readonly modifiedAt: string | null
}

/** Objects of the bucket. Throws `RegistryError`. */
export class Objects {
  readonly #client: S3Client
  readonly #bucket: string
  readonly #random: () => number

  constructor(client: S3Client, bucket: string, random: () => number) {
    this.#client = client
    this.#bucket = bucket
    this.#random = random
  }

  /** Rejects where the bucket cannot be reached. */
  async check(): Promise<void> {
    await retrying(this.#random, () => this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket })))
  }

  /** Stores text at a key where nothing lies yet, and says whether it did. */
  async putIfFree(key: string, text: string): Promise<boolean> {
    const put = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: text,
      ContentType: 'text/plain; charset=utf-8',
      IfNoneMatch: '*',
    })
    return await retrying(this.#random, async () => {
      try {
        await this.#client.send(put)
        return true
      } catch (error) {
        if (httpStatus(error) === 412) return false
        throw error
      }
    })
  }

  /** `null` where there is no object, `unchanged` where it still has this etag. */
  async fetch(key: string, etag?: string): Promise<FetchedObject | 'unchanged' | null> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(etag !== undefined && { IfNoneMatch: etag }),
    })
    return await retrying(this.#random, async () => {
      try {
        const answer = await this.#client.send(command)
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
        return { bytes, etag: answer.ETag, modifiedAt: answer.LastModified?.toISOString() ?? null }
      } catch (error) {
        if (httpStatus(error) === 304) return 'unchanged'
        if (errorName(error) === 'NoSuchKey') return null
        throw error
      }
    })
  }
}
