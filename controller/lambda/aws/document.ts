import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { scrubOf } from '../../../client/transport/aws-credentials.ts'
import { ConfigError } from '../../config.ts'
import type { Fetched } from '../sources-document.ts'

export interface ObjectPlace {
  readonly bucket: string
  readonly key: string
}

/** Reads an object, or learns that it is still the one with that tag. Throws `ConfigError` with what to look at. */
export async function fetchObject(
  s3: S3Client,
  { bucket: Bucket, key: Key }: ObjectPlace,
  etag: string | undefined,
): Promise<Fetched> {
  try {
    const { Body, ETag = '' } = await s3.send(new GetObjectCommand({ Bucket, Key, IfNoneMatch: etag }))
    return { text: (await Body?.transformToString('utf8')) ?? '', etag: ETag }
  } catch (error) {
    if (statusOf(error) === 304) return 'unchanged'
    // The SDK's own error leads to the request, where the session token is.
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const scrub = await scrubOf(s3)
    throw new ConfigError(
      `The sources document s3://${Bucket}/${Key} cannot be read (${name}); check that it is there and that the function's role has s3:GetObject on it.`,
      { cause: new Error(scrub(message)) },
    )
  }
}

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata
  return metadata?.httpStatusCode
}
