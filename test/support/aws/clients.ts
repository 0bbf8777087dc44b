import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'

export interface Clients {
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
}

/** Clients of the emulator, or of what stands before it. Its credentials are none. */
export function clientsTo(endpoint: string, maxAttempts = 3): Clients {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts }
  return { dynamodb: new DynamoDBClient(options), s3: new S3Client({ ...options, forcePathStyle: true }) }
}
