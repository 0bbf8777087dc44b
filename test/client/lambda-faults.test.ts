import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { fakeTime } from './fake-time.ts'

/** What the real AWS SDK meets, as Lambda answers it. */
const FAULTS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  throttled: (response) => refuse(response, 429, 'TooManyRequestsException'),
  'function error': (response) => {
    response.setHeader('x-amz-function-error', 'Unhandled')
    response.end('{"errorType": "Runtime.OutOfMemory", "errorMessage": "out of memory"}')
  },
  'not there': (response) => refuse(response, 404, 'ResourceNotFoundException'),
  'not allowed': (response) => refuse(response, 403, 'AccessDeniedException'),
  hangs: () => undefined,
  'closes the connection': (response) => response.destroy(),
}

function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'x-amzn-errortype': type }).end('{"Message": "It is so."}')
}

function answer(response: ServerResponse): void {
  const body = JSON.stringify({ prompt_id: 'a', content: 'A' })
  response.end(JSON.stringify({ statusCode: 200, body }))
}

let invocations = 0
let fault: string | undefined
beforeEach(async () => {
  invocations = 0
  fault = undefined
  const server = createServer((request, response) => {
    invocations++
    request.resume()
    const broken = fault === undefined ? undefined : FAULTS[fault]
    if (broken === undefined) answer(response)
    else broken(response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'test')
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  return () => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    server.close()
  }
})

function start() {
  const time = fakeTime()
  const { clock, setTimer } = time
  return {
    time,
    client: new PromptRegistryClient({ functionName: 'registry', clock, setTimer, random: () => 0, env: {} }),
  }
}

/** Lets time pass only for pauses between retries and, once the function was invoked, for the deadline. */
async function driven<T>(work: Promise<T>, { time, client }: ReturnType<typeof start>): Promise<T> {
  let settled = false
  const end = work.finally(() => {
    settled = true
  })
  end.catch(() => undefined)
  while (!settled) {
    await new Promise((turn) => setTimeout(turn, 1))
    const { requests, failures, inFlight } = client.metrics()
    if (inFlight > 0 && (failures === requests || (fault === 'hangs' && invocations > 0))) await time.toNext()
  }
  return await end
}

describe.each([
  ['throttled', 'busy', 'unavailable', 3, 150],
  ['function error', 'bad_answer', 'bad_answer', 1, 0],
  ['not there', 'unreachable', 'unavailable', 3, 150],
  ['not allowed', 'unreachable', 'unavailable', 3, 150],
  ['hangs', 'timeout', 'timeout', 1, 10_000],
  ['closes the connection', 'unreachable', 'unavailable', 3, 150],
] as const)('a function that is in trouble (%s)', (trouble, attempt, code, requests, takes) => {
  test('is reported by a cold call', async () => {
    const world = start()
    fault = trouble
    const begun = world.time.clock()
    const error = await driven(
      world.client.get('a').catch((thrown) => thrown),
      world,
    )
    expect([error.code, error.attempts.map((one: { code: string }) => one.code)]).toEqual([code, [attempt]])
    expect(world.client.metrics().requests).toBe(requests)
    expect(world.time.clock() - begun).toBe(takes)
  })

  test('holds up no warm call', async () => {
    const { client, time } = start()
    await client.get('a')
    await time.pass(60_000)
    fault = trouble
    const before = invocations
    for (let n = 0; n < 20; n++) expect(await client.get('a')).toBe('A')
    await expect.poll(() => invocations).toBeGreaterThan(before)
    expect(client.metrics().requests).toBe(2)
  })
})
