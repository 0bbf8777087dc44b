import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { scrubOf } from '../../../client/transport/aws-credentials.ts'
import { ConfigError } from '../../configuration/config.ts'
import type { Fetched } from '../sources-document.ts'

export interface ObjectPlace {
  readonly bucket: string
  readonly key: string
}

/** Reads an object unless it still has this ETag. Throws `ConfigError` with what to check. */
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
    // The SDK's own error refers to the request, which has the session token.
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const scrub = await scrubOf(s3)
    throw new ConfigError(
      `The sources document s3://${Bucket}/${Key} cannot be read (${name}). Check that it exists and that the function's role has s3:GetObject on it.`,
      { cause: new Error(scrub(message)) },
    )
  }
}

function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata
  return metadata?.httpStatusCode
}
