import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'

export interface Clients {
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
}

/** Clients of the emulator or its proxy. The store retries; other callers may use the client's retries. */
export function clientsTo(endpoint: string, maxAttempts = 1): Clients {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts }
  return { dynamodb: new DynamoDBClient(options), s3: new S3Client({ ...options, forcePathStyle: true }) }
}
