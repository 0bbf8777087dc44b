import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { createRegistryApi } from '../client/registry-api.ts'
import { createLambdaTransport } from '../client/transport/lambda.ts'
import { fetchObject } from './lambda/aws/document.ts'
import { createPassInvoker } from './lambda/aws/invoke.ts'
import { createSecretReader } from './lambda/aws/secrets.ts'
import { readEnvironment } from './lambda/environment.ts'
import { type ControllerHandler, createControllerHandler } from './lambda/handler.ts'
import { readKnownSources } from './lambda/known-sources.ts'
import { createPowertoolsObserver } from './lambda/powertools.ts'
import { createRounds } from './lambda/rounds.ts'
import { createSecrets } from './lambda/secrets.ts'
import { createSourcesDocument } from './lambda/sources-document.ts'
import { createMemoryCache } from './source/github/cache.ts'
import { createReportWiring } from './wiring/reports.ts'
import { repositoriesOf } from './wiring/repositories.ts'

/** A batch of a hundred writes to a busy registry takes its time. */
const REGISTRY_TIMEOUT_MS = 60_000
const SECRETS_KEEP_MS = 300_000
/** The one folder that a function may write to. */
const CACHE = join(tmpdir(), 'prompt-registry')

function start(env: NodeJS.ProcessEnv): ControllerHandler {
  const { document, references, logLevel, functionName, invokes } = readEnvironment(
    env,
    'PROMPT_REGISTRY_FUNCTION',
  )
  const observer = createPowertoolsObserver({ service: functionName, logLevel })
  const s3 = new S3Client({})
  const transport = createLambdaTransport({ functionName: invokes, timeoutMs: REGISTRY_TIMEOUT_MS })
  const api = createRegistryApi(transport)
  const now = Date.now
  const instance = randomUUID()
  // What a warm function knows of repositories on GitHub.
  const gitHubCache = createMemoryCache()
  const reports = createReportWiring((message) =>
    observer.problem('not all was reported', new Error(message)),
  )
  return createControllerHandler({
    document: createSourcesDocument({
      where: `s3://${document.bucket}/${document.key}`,
      fetch: (etag) => fetchObject(s3, document, etag),
      problem: (error) => observer.problem('the last good sources document stays in force', error),
      keepMs: 0,
      now,
    }),
    run: createRounds({
      secrets: createSecrets({ references, read: createSecretReader(), keepMs: SECRETS_KEEP_MS, now }),
      surroundings: {
        env,
        // Machines of Lambda share their names, and writers must not.
        hostname: instance,
        instance,
        now,
        random: Math.random,
        pause: async (ms, signal) => await wait(ms, undefined, { signal }),
        fetch: (url, init) => fetch(url, init),
      },
      repositories: (sources, surroundings) =>
        repositoriesOf({ sources, surroundings, api, cache: CACHE, gitHubCache, reports }),
      report: observer.passed,
    }),
    known: (signal) => readKnownSources(api, signal),
    invoke: createPassInvoker(functionName),
    observer,
    now,
    timeout: (ms) => AbortSignal.timeout(ms),
  })
}

/** What Lambda calls. Made once per cold start; a wrong environment is told to each invocation, and to the log. */
export const handler: ControllerHandler = startOrExplain(process.env)

function startOrExplain(env: NodeJS.ProcessEnv): ControllerHandler {
  try {
    return start(env)
  } catch (error) {
    return async () => {
      throw error
    }
  }
}
