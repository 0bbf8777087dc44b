import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createRegistryApi } from '../client/registry-api.ts'
import { createLambdaTransport } from '../client/transport/lambda.ts'
import { createPassInvoker } from './lambda/aws/invoke.ts'
import { createFunctionParts } from './lambda/function-parts.ts'
import { type ControllerHandler, createControllerHandler } from './lambda/handler.ts'
import { readKnownSources } from './lambda/known-sources.ts'
import { createRounds } from './lambda/rounds.ts'
import { startOrExplain } from './lambda/start.ts'
import { createMemoryCache } from './source/github/cache.ts'
import { createReportWiring } from './wiring/reports.ts'
import { repositoriesOf } from './wiring/repositories.ts'

/** A batch of a hundred writes to a busy registry takes its time. */
const REGISTRY_TIMEOUT_MS = 60_000
/** Below the one folder that a function may write to. */
const CACHE = join(tmpdir(), 'prompt-registry')

function start(env: NodeJS.ProcessEnv): ControllerHandler {
  const now = Date.now
  const { document, secrets, observer, functionName, invokes } = createFunctionParts({
    env,
    invokes: 'PROMPT_REGISTRY_FUNCTION',
    documentKeepMs: 0,
    now,
  })
  const api = createRegistryApi(
    createLambdaTransport({ functionName: invokes, timeoutMs: REGISTRY_TIMEOUT_MS }),
  )
  const instance = randomUUID()
  // What a warm function knows of repositories on GitHub, and of what it reported there.
  const gitHubCache = createMemoryCache()
  const reports = createReportWiring((message) =>
    observer.problem('not all was reported', new Error(message)),
  )
  return createControllerHandler({
    ...{ document, observer, now },
    run: createRounds({
      secrets,
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
    timeout: (ms) => AbortSignal.timeout(ms),
  })
}

/** What Lambda calls. Made once per cold start. */
export const handler: ControllerHandler = startOrExplain(() => start(process.env))
