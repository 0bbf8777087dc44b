import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { type AwsStore, openAwsStore } from '../../api/store/aws/index.ts'
import type { CliRuntime } from './cli-runtime.ts'

/** Opens the store on DynamoDB and S3. The AWS SDK finds region, credentials and endpoint. */
export function openPlatformStore(
  names: { table: string; bucket: string },
  { now, random }: CliRuntime,
): AwsStore {
  return openAwsStore({ ...names, dynamodb: new DynamoDBClient({}), s3: new S3Client({}), now, random })
}
