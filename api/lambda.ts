import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { readConfig } from './config.ts'
import { statusOf } from './http/error-table.ts'
import { createBrokenHandler, createLambdaHandler, type LambdaHandler } from './lambda/handler.ts'
import { createPowertoolsObserver } from './lambda/powertools.ts'
import { createRegistry } from './registry/registry.ts'
import { openAwsStore } from './store/aws/index.ts'

/** A request of the store that hangs must end well before the function does. */
const CONNECTIONS = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true }
const RETRIES = { maxAttempts: 3, requestHandler: CONNECTIONS }

function start(env: NodeJS.ProcessEnv): LambdaHandler {
  const config = readConfig(env)
  const observer = createPowertoolsObserver({ service: config.functionName, logLevel: config.logLevel })
  const store = openAwsStore({
    table: config.table,
    bucket: config.bucket,
    dynamodb: new DynamoDBClient(RETRIES),
    s3: new S3Client(RETRIES),
  })
  const registry = createRegistry({
    prompts: store.prompts,
    sources: store.sources,
    settings: { allowedModes: config.allowedModes, deprecatedPins: config.deprecatedPins },
    now: Date.now,
    random: Math.random,
    newId: randomUUID,
    statusOf: (code) => statusOf(code, 'write'),
  })
  const { readOnly } = config
  const clock = () => performance.now()
  return createLambdaHandler({ registry, observer, readOnly, clock, newId: randomUUID })
}

function startOrExplain(env: NodeJS.ProcessEnv): LambdaHandler {
  try {
    return start(env)
  } catch (error) {
    const service = env.AWS_LAMBDA_FUNCTION_NAME ?? 'prompt-registry'
    const observer = createPowertoolsObserver({ service, logLevel: 'INFO' })
    return createBrokenHandler(error, { observer, newId: randomUUID })
  }
}

/** What Lambda calls. Made once per cold start. */
export const handler = startOrExplain(process.env)
