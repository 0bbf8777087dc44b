import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createKmsSigner } from '../api/signing/kms-signer.ts'
import { createRegistryApi } from '../client/registry-api.ts'
import { withApplication } from '../client/transport/application.ts'
import { createLambdaTransport } from '../client/transport/lambda.ts'
import { setSigner } from './configuration/set-signer.ts'
import { createPassInvoker } from './lambda/aws/invoke.ts'
import { createFunctionParts } from './lambda/function-parts.ts'
import { type ControllerHandler, createControllerHandler } from './lambda/handler.ts'
import { readKnownSources } from './lambda/known-sources.ts'
import { createPublishing } from './lambda/publishing.ts'
import { createRounds } from './lambda/rounds.ts'
import { startOrExplain } from './lambda/start.ts'
import { createMemoryCache } from './source/github/cache.ts'
import type { Runtime } from './values/runtime.ts'
import { createPullRequestWiring } from './wiring/pull-requests.ts'
import { createReportWiring } from './wiring/reports.ts'
import { repositoriesOf } from './wiring/repositories.ts'

/** A batch of a hundred writes to a busy registry can take long. */
const REGISTRY_TIMEOUT_MS = 60_000
/** `/tmp` is the only folder that a function can write to. */
const CACHE = join(tmpdir(), 'prompt-registry')

function start(env: NodeJS.ProcessEnv): ControllerHandler {
  const now = Date.now
  const { document, secrets, observer, functionName, invokes, proofKey, ...parts } = createFunctionParts({
    env,
    invokes: 'PROMPT_REGISTRY_FUNCTION',
    documentKeepMs: 0,
    now,
  })
  const transport = createLambdaTransport({ functionName: invokes, timeoutMs: REGISTRY_TIMEOUT_MS })
  const api = createRegistryApi(withApplication(transport, 'promptctl'))
  const instance = randomUUID()
  // Kept while the function is warm.
  const gitHubCache = createMemoryCache()
  const reports = createReportWiring((message) => observer.problem('a report failed', new Error(message)))
  const pullRequests = createPullRequestWiring((message) =>
    observer.problem('a lookup failed', new Error(message)),
  )
  const random = Math.random
  const pause: Runtime['pause'] = async (ms, signal) => await wait(ms, undefined, { signal })
  return createControllerHandler({
    ...{ document, observer, now },
    publisher: createPublishing({ ...parts, api, runtime: { random, pause } }),
    run: createRounds({
      secrets,
      runtime: {
        env,
        // Host names on Lambda are not unique, but those of writers must be.
        hostname: instance,
        instance,
        now,
        random,
        pause,
        fetch: (url, init) => fetch(url, init),
      },
      repositories: ({ sources, proof }, runtime) => {
        const signer = setSigner(proofKey === null ? proof : { kms: proofKey }, runtime, createKmsSigner)
        return repositoriesOf({
          sources,
          runtime,
          api,
          cache: CACHE,
          gitHubCache,
          reports,
          pullRequests,
          signer,
        })
      },
      report: observer.passed,
    }),
    known: (signal) => readKnownSources(api, signal),
    invoke: createPassInvoker(functionName),
    timeout: (ms) => AbortSignal.timeout(ms),
  })
}

/** The Lambda handler, created once per cold start. */
export const handler: ControllerHandler = startOrExplain(() => start(process.env))
