import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FunctionSpec, LambdaFunction } from './function.ts'
import { answerFunctionUrl } from './function-url.ts'
import { answerHttpApi } from './http-api.ts'
import { answerInvokeApi } from './invoke-api.ts'
import { answerRuntimeApi } from './runtime-api.ts'
import { type Answer, type Asked, type LoopbackServer, serve } from './serve.ts'

export interface LambdaEndpointOptions {
  readonly functions: Readonly<Record<string, FunctionSpec>>
  /** Called for each request to Lambda's own API. */
  readonly onAsked?: (asked: Asked) => void
}

export interface LambdaEndpoint {
  /** For `AWS_ENDPOINT_URL_LAMBDA`, or the `endpoint` of a `LambdaClient`. */
  readonly url: string
  /** The settings with which a client finds the endpoint and signs requests to its Function URLs. */
  readonly env: Readonly<Record<string, string>>
  /** The Function URL, with IAM auth: accepts only requests signed with key `test` and secret `test`. */
  functionUrl(name: string): string
  /** The output of the function's processes, line by line. */
  logs(name: string): readonly string[]
  coldStarts(name: string): number
  /** Kills the processes of a function immediately, as Lambda does on a timeout. */
  kill(name: string): Promise<void>
  /** An HTTP API that passes requests on one route to the function: `POST /webhooks/{source}`. */
  httpApi(name: string, routeKey: string): Promise<LoopbackServer>
  /** Resolves when all asynchronous invocations, including nested ones, have ended. */
  idle(): Promise<void>
  /** Stops everything, including processes. */
  close(): Promise<void>
}

/**
 * AWS Lambda on this machine, for tests. Serves `Invoke` (and the calls of a deployment) to the real SDK, has a
 * Function URL per function, and runs the code in separate processes with the runtime's environment variables, one
 * invocation at a time per process.
 */
export async function startLambdaEndpoint({
  functions: specs,
  onAsked,
}: LambdaEndpointOptions): Promise<LambdaEndpoint> {
  const scratch = await mkdtemp(join(tmpdir(), 'lambda-'))
  const functions = new Map<string, LambdaFunction>()
  const urls = new Map<string, LoopbackServer>()
  const apis: LoopbackServer[] = []
  const main = await serve(async (request): Promise<Answer> => {
    const answer = await answerRuntimeApi(request, functions)
    if (answer !== undefined) return answer
    onAsked?.(request)
    return await answerInvokeApi(request, functions)
  })
  for (const [name, spec] of Object.entries(specs)) {
    const deployed = new LambdaFunction(name, spec, scratch, () => new URL(main.url).host)
    functions.set(name, deployed)
    urls.set(name, await serve((request) => answerFunctionUrl(request, deployed)))
  }
  const known = (name: string): LambdaFunction => {
    const found = functions.get(name)
    if (found === undefined) throw new TypeError(`Function ${name} does not exist here.`)
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
