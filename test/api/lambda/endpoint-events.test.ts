import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { expect, onTestFinished, test } from 'vitest'
import { type LambdaEndpoint, startLambdaEndpoint } from '../../support/lambda/endpoint.ts'
import { writeFunction } from '../../support/lambda/functions.ts'

/** Features that the controller's tests rely on: functions that start each other, aliases, and an HTTP API. */

async function endpointOf(bodies: Readonly<Record<string, string>>): Promise<LambdaEndpoint> {
  const functions = Object.entries(bodies).map(async ([name, body]) => {
    const bundle = await writeFunction(body)
    return [name, { bundle }] as const
  })
  const endpoint = await startLambdaEndpoint({ functions: Object.fromEntries(await Promise.all(functions)) })
  onTestFinished(endpoint.close)
  return endpoint
}

async function invoke(
  endpoint: LambdaEndpoint,
  command: ConstructorParameters<typeof InvokeCommand>[0],
): Promise<{ status: number | undefined; failed: boolean; payload: unknown }> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new LambdaClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials })
  const { StatusCode, FunctionError, Payload } = await client.send(new InvokeCommand(command))
  const text = Buffer.from(Payload ?? '').toString()
  return {
    status: StatusCode,
    failed: FunctionError !== undefined,
    payload: text === '' ? undefined : JSON.parse(text),
  }
}

test('an asynchronous invocation is answered at once, and what it started can be waited for', async () => {
  const endpoint = await endpointOf({ it: 'console.log("ran", event.n)' })
  const Payload = Buffer.from('{"n":1}')
  expect(await invoke(endpoint, { FunctionName: 'it', InvocationType: 'Event', Payload })).toEqual({
    ...{ status: 202, failed: false, payload: undefined },
  })
  await endpoint.idle()
  expect(endpoint.logs('it')).toEqual(['ran 1'])
})

test.each([
  ['it', undefined, 'arn:aws:lambda:eu-west-1:123456789012:function:it'],
  ['it', 'passes', 'arn:aws:lambda:eu-west-1:123456789012:function:it:passes'],
  ['it:passes', undefined, 'arn:aws:lambda:eu-west-1:123456789012:function:it:passes'],
  [
    'arn:aws:lambda:eu-west-1:123456789012:function:it',
    undefined,
    'arn:aws:lambda:eu-west-1:123456789012:function:it',
  ],
  [
    'arn:aws:lambda:eu-west-1:123456789012:function:it:passes',
    undefined,
    'arn:aws:lambda:eu-west-1:123456789012:function:it:passes',
  ],
])(
  'a function that is called as %s with the qualifier %s sees how it was called',
  async (name, Qualifier, arn) => {
    const endpoint = await endpointOf({ it: 'return context.invokedFunctionArn' })
    expect(await invoke(endpoint, { FunctionName: name, Qualifier })).toMatchObject({ payload: arn })
  },
)

test('a killed function fails its invocation, and the next one starts a new process', async () => {
  const endpoint = await endpointOf({
    it: 'if (event.hang) await new Promise((end) => { setTimeout(end, 1e6); console.log("hangs") })',
  })
  const hanging = invoke(endpoint, { FunctionName: 'it', Payload: Buffer.from('{"hang":true}') })
  await expect.poll(() => endpoint.logs('it')).toEqual(['hangs'])
  await endpoint.kill('it')
  expect(await hanging).toMatchObject({ failed: true, payload: { errorType: 'Runtime.ExitError' } })
  expect(await invoke(endpoint, { FunctionName: 'it' })).toMatchObject({ failed: false })
  expect(endpoint.coldStarts('it')).toBe(2)
})

test('an HTTP API passes requests on its route to the function: text unchanged, everything else in base64', async () => {
  const endpoint = await endpointOf({
    it: 'return { statusCode: 202, body: JSON.stringify({ ...event.pathParameters, body: event.body, coded: event.isBase64Encoded }) }',
  })
  const { url } = await endpoint.httpApi('it', 'POST /webhooks/{source}')
  const post = async (path: string, type: string) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      body: 'ä',
      headers: { 'content-type': type },
    })
    return [answer.status, await answer.json()]
  }
  expect(await post('/webhooks/a', 'application/json')).toEqual([
    202,
    { source: 'a', body: 'ä', coded: false },
  ])
  const coded = Buffer.from('ä').toString('base64')
  expect(await post('/webhooks/a', 'application/octet-stream')).toEqual([
    202,
    { source: 'a', body: coded, coded: true },
  ])
  for (const path of ['/', '/webhooks/', '/webhooks/a/b', '/health'])
    expect(await post(path, 'application/json')).toEqual([404, { message: 'Not Found' }])
  expect((await fetch(`${url}/webhooks/a`)).status).toBe(404)
})
