import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { type AwsStore, openAwsStore } from '../../api/store/aws/index.ts'
import type { World } from './world.ts'

/** The store on a table and a bucket, with region, credentials and endpoint as the AWS SDK finds them. */
export function openPlatformStore(
  names: { table: string; bucket: string },
  { now, random }: World,
): AwsStore {
  return openAwsStore({ ...names, dynamodb: new DynamoDBClient({}), s3: new S3Client({}), now, random })
}
