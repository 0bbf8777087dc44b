import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zip } from '../../../scripts/zip.ts'
import { type LambdaEndpoint, startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import type { FunctionSpec } from '../../support/lambda/function.ts'
import { writeFunction } from '../../support/lambda/functions.ts'
import { serve } from '../../support/lambda/serve.ts'
import { scratchFolder } from '../../support/scratch.ts'

/** Features that full-stack tests rely on: an endpoint that behaves like Lambda. */

async function endpointWith(spec: FunctionSpec): Promise<LambdaEndpoint> {
  const endpoint = await startLambdaEndpoint({ functions: { it: spec } })
  onTestFinished(endpoint.close)
  return endpoint
}

function clientOf({ url }: LambdaEndpoint): LambdaClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  return new LambdaClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 })
}

async function invoke(endpoint: LambdaEndpoint, event: unknown = {}, FunctionName = 'it') {
  const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) })
  const { FunctionError, Payload, StatusCode } = await clientOf(endpoint).send(command)
  return {
    failed: FunctionError,
    status: StatusCode,
    payload: JSON.parse(Buffer.from(Payload ?? '').toString()),
  }
}

test('the function gets the event and a context, and its value comes back', async () => {
  const bundle = await writeFunction('return { event, id: context.awsRequestId, name: context.functionName }')
  const endpoint = await endpointWith({ bundle })
  const { failed, status, payload } = await invoke(endpoint, { a: ['ü'] })
  expect([failed, status]).toEqual([undefined, 200])
  expect(payload).toEqual({ event: { a: ['ü'] }, id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'it' })
})

test("the function sees the runtime's environment and its own, but not this machine's", async () => {
  process.env.OF_THIS_MACHINE = 'yes'
  const bundle = await writeFunction('return process.env')
  const endpoint = await endpointWith({ bundle, env: { DYNAMODB_TABLE: 'prompts' } })
  const { payload } = await invoke(endpoint)
  expect(payload).toMatchObject({
    DYNAMODB_TABLE: 'prompts',
    AWS_LAMBDA_FUNCTION_NAME: 'it',
    AWS_REGION: 'eu-west-1',
    _HANDLER: 'index.handler',
  })
  expect(payload).not.toHaveProperty('OF_THIS_MACHINE')
  expect(payload).not.toHaveProperty('HOME')
})

/** A barrier where functions wait until `count` of them arrived, or until `open` is called. */
async function meetingPoint(count: number) {
  const opened = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  let waiting = 0
  const server = await serve(async () => {
    arrived.resolve()
    if (++waiting === count) opened.resolve()
    await opened.promise
    return { status: 204 }
  })
  onTestFinished(server.close)
  return { url: server.url, open: opened.resolve, arrived: arrived.promise }
}

test('a sandbox is reused, and concurrent invocations get their own', async () => {
  const bundle = await writeFunction(
    'if (event.meet) await fetch(event.meet); return ++count',
    'let count = 0',
  )
  const endpoint = await endpointWith({ bundle })
  expect([(await invoke(endpoint)).payload, (await invoke(endpoint)).payload]).toEqual([1, 2])
  expect(endpoint.coldStarts('it')).toBe(1)
  const { url: meet } = await meetingPoint(3)
  const together = await Promise.all([1, 2, 3].map(() => invoke(endpoint, { meet })))
  expect(together.map(({ payload }) => payload).sort()).toEqual([1, 1, 3])
  expect(endpoint.coldStarts('it')).toBe(3)
})

test('invocations beyond the concurrency are throttled', async () => {
  const bundle = await writeFunction('await fetch(event.meet); return 1')
  const endpoint = await endpointWith({ bundle, concurrency: 1 })
  const { url: meet, open, arrived } = await meetingPoint(2)
  const first = invoke(endpoint, { meet })
  await arrived
  await expect(invoke(endpoint, { meet })).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  open()
  expect((await first).payload).toBe(1)
})

describe('a function that fails', () => {
  test('by throwing returns its error', async () => {
    const endpoint = await endpointWith({ bundle: await writeFunction('throw new TypeError("no")') })
    const { failed, payload } = await invoke(endpoint)
    expect(failed).toBe('Unhandled')
    expect(payload).toMatchObject({ errorType: 'TypeError', errorMessage: 'no', trace: expect.any(Array) })
  })

  test('by ending its process is reported, and the next invocation starts a new process', async () => {
    const bundle = await writeFunction('if (event.end) process.exit(3); return "alive"')
    const endpoint = await endpointWith({ bundle })
    const { failed, payload } = await invoke(endpoint, { end: true })
    expect([failed, payload.errorType]).toEqual(['Unhandled', 'Runtime.ExitError'])
    expect(payload.errorMessage).toContain('exit status 3')
    expect((await invoke(endpoint)).payload).toBe('alive')
    expect(endpoint.coldStarts('it')).toBe(2)
  })

  test('by taking too long is ended', async () => {
    const endpoint = await endpointWith({
      bundle: await writeFunction('await new Promise(() => setInterval(() => {}, 1000))'),
      timeoutMs: 200,
    })
    const { failed, payload } = await invoke(endpoint)
    expect([failed, payload.errorType]).toEqual(['Unhandled', 'Sandbox.Timedout'])
    expect(payload.errorMessage).toMatch(/Task timed out after 0.20 seconds$/)
  })

  test('before it has started returns the reason', async () => {
    const endpoint = await endpointWith({ bundle: await writeFunction('', 'throw new Error("no table")') })
    const { failed, payload } = await invoke(endpoint)
    expect([failed, payload.errorMessage]).toEqual(['Unhandled', 'no table'])
  })
})

test('the output of the function is kept', async () => {
  const endpoint = await endpointWith({
    bundle: await writeFunction('console.log("one"); console.error("two")'),
  })
  await invoke(endpoint)
  await expect.poll(() => [...endpoint.logs('it')].sort()).toEqual(['one', 'two'])
})

test('an unknown function is reported with its ARN', async () => {
  const endpoint = await endpointWith({ bundle: await writeFunction('return 1') })
  await expect(invoke(endpoint, {}, 'other')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: arn:aws:lambda:eu-west-1:123456789012:function:other',
  })
  const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:it'
  expect((await invoke(endpoint, {}, arn)).payload).toBe(1)
})

test('a zip is unpacked', async () => {
  const bytes = await readFile(await writeFunction('return "from a zip"'))
  const file = join(await scratchFolder(), 'code.zip')
  await writeFile(file, zip([{ name: 'index.mjs', bytes }]))
  expect((await invoke(await endpointWith({ zip: file }))).payload).toBe('from a zip')
})

describe('a Function URL', () => {
  test('refuses a request that is not signed', async () => {
    const endpoint = await endpointWith({ bundle: await writeFunction('return { statusCode: 200 }') })
    const response = await fetch(endpoint.functionUrl('it'))
    expect([response.status, await response.json()]).toEqual([403, { Message: 'Forbidden' }])
    expect(endpoint.coldStarts('it')).toBe(0)
  })
})
