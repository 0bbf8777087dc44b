import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { type AwsRegistryConfig, readConfig } from './config.ts'
import { statusOf } from './http/error-table.ts'
import { createActionHandler } from './lambda/actions.ts'
import type { AdoptSeeded } from './lambda/adopt.ts'
import { createBrokenHandler, createLambdaHandler } from './lambda/handler.ts'
import { createPowertoolsObserver } from './lambda/powertools.ts'
import { createFunctionReads } from './lambda/reads.ts'
import { ReadCounter } from './registry/read-counter.ts'
import { createRegistry } from './registry/registry.ts'
import { openAwsStore } from './store/aws/index.ts'

/** The store retries, and limits the time of each call. */
const CLIENT = { maxAttempts: 1, requestHandler: { connectionTimeout: 1000 } }

type ActionHandler = ReturnType<typeof createActionHandler>

function start(env: NodeJS.ProcessEnv): ActionHandler {
  const config = readConfig(env)
  const { allowedModes, deprecatedPins, inputs, emergencySigner } = config
  const observer = createPowertoolsObserver({ service: config.functionName, logLevel: config.logLevel })
  const store = openAwsStore({
    table: config.table,
    bucket: config.bucket,
    dynamodb: new DynamoDBClient(CLIENT),
    s3: new S3Client(CLIENT),
  })
  const registry = createRegistry({
    prompts: store.prompts,
    sources: store.sources,
    sets: store.sets,
    reads: store.reads,
    within: store.within,
    settings: { allowedModes, deprecatedPins, inputs },
    emergencySigner,
    now: Date.now,
    random: Math.random,
    newId: randomUUID,
    statusOf: (code) => statusOf(code, 'write'),
  })
  const { readOnly, readsSampleRate: rate } = config
  const clock = () => performance.now()
  const reads =
    rate === 0
      ? undefined
      : createFunctionReads({
          counter: new ReadCounter({ now: Date.now, random: Math.random, rate }),
          storeWithin: (budget) => store.within(budget).reads,
          clock,
          onFailure: (error) => observer.error('counted reads were not stored', { error }),
        })
  const http = createLambdaHandler({ registry, observer, readOnly, reads, clock, newId: randomUUID })
  const adoptSeeded = readOnly ? undefined : (hasTime: () => boolean) => adoption(config, hasTime)
  return createActionHandler(http, { adoptSeeded, observer, newId: randomUUID })
}

/**
 * A separate client whose scans end with the invocation: a large table may have many pages without a seeded
 * prompt.
 */
function adoption({ table, bucket }: AwsRegistryConfig, hasTime: () => boolean): AdoptSeeded {
  const dynamodb = new DynamoDBClient(CLIENT)
  dynamodb.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        if (commandName === 'ScanCommand' && !hasTime()) throw new Error('Not enough time for another page.')
        return await next(request)
      },
    { step: 'initialize' },
  )
  const s3 = new S3Client(CLIENT)
  const store = openAwsStore({ table, bucket, dynamodb, s3 })
  return (options) =>
    store.adoptSeeded(options).finally(() => {
      dynamodb.destroy()
      s3.destroy()
    })
}

function startOrExplain(env: NodeJS.ProcessEnv): ActionHandler {
  try {
    return start(env)
  } catch (error) {
    const service = env.AWS_LAMBDA_FUNCTION_NAME ?? 'prompt-registry'
    const observer = createPowertoolsObserver({ service, logLevel: 'INFO' })
    return createBrokenHandler(error, { observer, newId: randomUUID })
  }
}

/** The Lambda handler. Created once per cold start. */
export const handler = startOrExplain(process.env)
