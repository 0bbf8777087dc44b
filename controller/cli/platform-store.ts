import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { type AwsCopy, openAwsCopy } from '../../api/store/aws/copy.ts'
import { type AwsStore, openAwsStore } from '../../api/store/aws/index.ts'
import type { CliRuntime } from './cli-runtime.ts'

export interface PlatformNames {
  readonly table: string
  readonly bucket: string
}

/** Opens the store on DynamoDB and S3. The AWS SDK finds region, credentials and endpoint. */
export function openPlatformStore(names: PlatformNames, runtime: CliRuntime): AwsStore {
  return openAwsStore(platformOptions(names, runtime))
}

/** Opens the same store, to copy it as a whole. */
export function openPlatformCopy(names: PlatformNames, runtime: CliRuntime): AwsCopy {
  return openAwsCopy(platformOptions(names, runtime))
}

function platformOptions(names: PlatformNames, { now, random }: CliRuntime) {
  return { ...names, dynamodb: new DynamoDBClient({}), s3: new S3Client({}), now, random }
}
