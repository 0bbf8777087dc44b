import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3'
import { REGION } from './platform.ts'

/** Clients of the emulator, for what somebody beside us does to table and bucket. */
export function clientsOf(endpoint: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const options = { endpoint, region: REGION, credentials }
  const dynamodb = new DynamoDBClient(options)
  const s3 = new S3Client({ ...options, forcePathStyle: true })
  const close = () => {
    dynamodb.destroy()
    s3.destroy()
  }
  return { dynamodb, s3, close }
}

/**
 * Removes the delete markers of a bucket, at most 1,000. `terraform destroy` suspends versioning before it empties a
 * bucket. AWS then still deletes the markers; the emulator answers 500, and the provider retries for many minutes.
 */
export async function removeDeleteMarkers(s3: S3Client, Bucket: string): Promise<void> {
  const { DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
  const Objects = DeleteMarkers.map(({ Key, VersionId }) => ({ Key, VersionId }))
  if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
}
