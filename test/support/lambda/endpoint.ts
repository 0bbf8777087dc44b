import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FunctionSpec, LambdaFunction } from './function.ts'
import { answerFunctionUrl } from './function-url.ts'
import { answerHttpApi } from './http-api.ts'
import { answerInvokeApi } from './invoke-api.ts'
import { answerRuntimeApi } from './runtime-api.ts'
import { type Answer, type LoopbackServer, serve } from './serve.ts'

export interface LambdaEndpointOptions {
  readonly functions: Readonly<Record<string, FunctionSpec>>
}

export interface LambdaEndpoint {
  /** For `AWS_ENDPOINT_URL_LAMBDA`, or the `endpoint` of a `LambdaClient`. */
  readonly url: string
  /** All that a client needs to find the endpoint and to sign for its Function URLs. */
  readonly env: Readonly<Record<string, string>>
  /** The Function URL, with IAM auth: only requests signed by the key `test` with the secret `test` get through. */
  functionUrl(name: string): string
  /** What the function's processes printed, line by line. */
  logs(name: string): readonly string[]
  coldStarts(name: string): number
  /** Kills the processes of a function in whatever they do, as Lambda kills those that run out of time. */
  kill(name: string): Promise<void>
  /** An HTTP API that passes what arrives at one route to the function: `POST /webhooks/{source}`. */
  httpApi(name: string, routeKey: string): Promise<LoopbackServer>
  /** Resolves when every asynchronous invocation has ended, and those that it started. */
  idle(): Promise<void>
  /** Ends everything, processes too. */
  close(): Promise<void>
}

/**
 * AWS Lambda on this machine, for tests: answers `Invoke` (and what a deployment needs) to the real SDK, has a
 * Function URL for each function, and runs the code in processes of their own with the environment variables of
 * the runtime, one invocation at a time in each.
 */
export async function startLambdaEndpoint({
  functions: specs,
}: LambdaEndpointOptions): Promise<LambdaEndpoint> {
  const scratch = await mkdtemp(join(tmpdir(), 'lambda-'))
  const functions = new Map<string, LambdaFunction>()
  const urls = new Map<string, LoopbackServer>()
  const apis: LoopbackServer[] = []
  const main = await serve(async (request): Promise<Answer> => {
    return (await answerRuntimeApi(request, functions)) ?? (await answerInvokeApi(request, functions))
  })
  for (const [name, spec] of Object.entries(specs)) {
    const deployed = new LambdaFunction(name, spec, scratch, () => new URL(main.url).host)
    functions.set(name, deployed)
    urls.set(name, await serve((request) => answerFunctionUrl(request, deployed)))
  }
  const known = (name: string): LambdaFunction => {
    const found = functions.get(name)
    if (found === undefined) throw new TypeError(`There is no function ${name} here.`)
    return found
  }
  return {
    url: main.url,
    env: {
      AWS_ENDPOINT_URL_LAMBDA: main.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    functionUrl: (name) => urls.get(known(name).name)?.url ?? '',
    logs: (name) => known(name).logs,
    coldStarts: (name) => known(name).coldStarts,
    kill: (name) => known(name).stop(),
    httpApi: async (name, routeKey) => {
      const deployed = known(name)
      const api = await serve((request) => answerHttpApi(request, routeKey, deployed))
      apis.push(api)
      return api
    },
    async idle() {
      const underWay = () => [...functions.values()].flatMap((one) => [...one.underWay])
      while (underWay().length > 0) await Promise.all(underWay())
    },
    close: async () => {
      await Promise.all([...functions.values()].map((one) => one.stop()))
      await Promise.all([main, ...urls.values(), ...apis].map((server) => server.close()))
      await rm(scratch, { recursive: true, force: true })
    },
  }
}
