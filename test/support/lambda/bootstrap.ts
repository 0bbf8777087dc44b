import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Simulates Lambda's Node.js runtime: imports the handler, then polls the Runtime API for one event after the
 * other. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
const env = process.env
const api = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`

function fault(error: unknown): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') })
}

async function importHandler() {
  const [module = 'index', name = 'handler'] = (env._HANDLER ?? '').split('.')
  const root = env.LAMBDA_TASK_ROOT ?? '.'
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(root, module + end)).find((path) => existsSync(path))
  if (file === undefined) throw new Error(`Cannot find module '${module}'`)
  const handler = (await import(pathToFileURL(file).href))[name]
  if (typeof handler !== 'function') throw new Error(`${env._HANDLER} is undefined or not exported`)
  return handler
}

const handler = await importHandler().catch(async (error) => {
  await fetch(`${api}/init/error`, { method: 'POST', body: fault(error) })
  process.exit(1)
})

for (;;) {
  const next = await fetch(`${api}/invocation/next`)
  const id = next.headers.get('lambda-runtime-aws-request-id')
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'))
  const context = {
    awsRequestId: id,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    // By the machine's clock: a test may put `Date.now` forward.
    getRemainingTimeInMillis: () => Math.floor(deadline - (performance.timeOrigin + performance.now())),
  }
  try {
    const body = JSON.stringify((await handler(await next.json(), context)) ?? null)
    await fetch(`${api}/invocation/${id}/response`, { method: 'POST', body })
  } catch (error) {
    await fetch(`${api}/invocation/${id}/error`, { method: 'POST', body: fault(error) })
  }
}
