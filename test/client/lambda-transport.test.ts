import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { createLambdaTransport, type LambdaTransportOptions } from '../../client/transport/lambda.ts'
import { invokeFailure } from '../../client/transport/lambda-failure.ts'
import {
  isTransportError,
  type TransportError,
  type TransportRequest,
} from '../../client/transport/transport.ts'
import { type LambdaEndpoint, startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import type { FunctionSpec } from '../support/lambda/function.ts'
import { writeFunction } from '../support/lambda/functions.ts'

const GET: TransportRequest = { method: 'GET', path: '/prompts/a' }
const CREDENTIALS = {
  accessKeyId: 'test',
  secretAccessKey: 'the-secret-key',
  sessionToken: 'the-session-token',
}

function transportTo(endpoint: string, options: Partial<LambdaTransportOptions> = {}) {
  const sdk = { endpoint, region: 'eu-west-1', credentials: CREDENTIALS }
  return createLambdaTransport({ functionName: 'it', sdk, ...options })
}

/** A transport to a function in a process of its own, whose handler does `body`. */
async function running(body: string, spec: Omit<FunctionSpec, 'bundle'> = {}) {
  const bundle = await writeFunction(body)
  const endpoint = await startLambdaEndpoint({ functions: { it: { bundle, ...spec } } })
  onTestFinished(endpoint.close)
  return { endpoint, transport: transportTo(endpoint.url) }
}

/** A server in the place of Lambda, and a count of what it was asked. */
async function answering(
  answer: (request: IncomingMessage, response: ServerResponse, number: number) => void,
) {
  let asked = 0
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    void text(request).then(() => answer(request, response, ++asked))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked: () => asked }
}

async function failure(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.catch((thrown) => thrown)
  if (!isTransportError(error)) throw new Error('It did not fail as it should.', { cause: error })
  return error
}

describe('the payload', () => {
  test('of a read is the bare one, and nothing else', async () => {
    const { transport } = await running('return { statusCode: 200, body: JSON.stringify(event) }')
    expect((await transport.send(GET)).body).toEqual({
      rawPath: '/prompts/a',
      requestContext: { http: { method: 'GET', path: '/prompts/a' } },
    })
  })

  test('carries mode and version in both forms of the query', async () => {
    const { transport } = await running('return { statusCode: 200, body: JSON.stringify(event) }')
    const query = { mode: 'dev', version: '1.3.0+eu' }
    expect((await transport.send({ ...GET, query })).body).toMatchObject({
      rawQueryString: 'mode=dev&version=1.3.0%2Beu',
      queryStringParameters: query,
    })
  })

  test('of a write has its JSON as text', async () => {
    const { transport } = await running('return { statusCode: 200, body: JSON.stringify(event) }')
    const { body } = await transport.send({ method: 'POST', path: '/prompts', body: { content: 'ü' } })
    expect(body).toMatchObject({ body: '{"content":"ü"}', headers: { 'content-type': 'application/json' } })
  })
})

describe('what a function returns', () => {
  let endpoint: LambdaEndpoint
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'returns-'))
    const bundle = await writeFunction(
      'const { returns } = event.queryStringParameters ?? {}\n' +
        // The name of the prompt is the name of the field.
        'if (returns === undefined) return { statusCode: 200, body: { [event.rawPath.slice(9)]: "You sort." } }\n' +
        'return eval("(" + returns + ")")',
      '',
      folder,
    )
    endpoint = await startLambdaEndpoint({ functions: { it: { bundle } } })
  })
  afterAll(async () => {
    await endpoint.close()
    await rm(folder, { recursive: true })
  })
  const returned = (returns: string) => transportTo(endpoint.url).send({ ...GET, query: { returns } })

  test.each([
    ['{ statusCode: 404, body: "{\\"a\\":1}" }', { status: 404, body: { a: 1 } }],
    ['{ statusCode: 200, body: { a: 1 } }', { status: 200, body: { a: 1 } }],
    ['{ statusCode: "201", body: "{}" }', { status: 201, body: {} }],
    ['{ statusCode: 200, isBase64Encoded: true, body: btoa("{}") }', { status: 200, body: {} }],
    ['{ statusCode: 304 }', { status: 304, body: undefined }],
    ['{ statusCode: 304, body: "" }', { status: 304, body: undefined }],
    ['{ statusCode: 503, body: "in words" }', { status: 503, body: undefined }],
    ['{ prompt_id: "a", text: "old" }', { status: 200, body: { prompt_id: 'a', text: 'old' } }],
  ])('%s is an answer', async (returns, answer) => {
    expect(await returned(returns)).toMatchObject(answer)
  })

  test.each([
    'null',
    '"ok"',
    '[1]',
    '{ statusCode: 99 }',
    '{ statusCode: "no" }',
    '{ statusCode: 200, headers: { "bad name": 1 } }',
  ])('%s is a bad answer', async (returns) => {
    const { code, message } = await failure(returned(returns))
    expect([code, message]).toEqual([
      'bad_answer',
      'The function it returned something that is no HTTP answer; is it a prompt registry?',
    ])
  })

  test('is checked also where the global Response checks nothing', async () => {
    class Unchecked {
      readonly status: number
      readonly headers = new Headers()
      constructor(_body: unknown, { status = 200 }: ResponseInit = {}) {
        this.status = status
      }
    }
    vi.stubGlobal('Response', Unchecked)
    onTestFinished(() => void vi.unstubAllGlobals())
    for (const returns of ['{ statusCode: 99 }', '{ statusCode: 200, headers: { "bad name": 1 } }'])
      expect((await failure(returned(returns))).code).toBe('bad_answer')
  })

  test.each(['text', 'content', 'prompt_text', 'body'])(
    'may have its text as %s, as older registries do',
    async (field) => {
      const client = new PromptRegistryClient({ transport: transportTo(endpoint.url), env: {} })
      expect(await client.resolve(field)).toMatchObject({ text: 'You sort.', promptId: field })
    },
  )
})

test('what is not UTF-8 is a bad answer', async () => {
  const { url } = await answering((_request, response) => {
    response.end(
      Buffer.concat([
        Buffer.from('{"statusCode": 200, "body": "\\"'),
        Buffer.from([0xff]),
        Buffer.from('\\""}'),
      ]),
    )
  })
  expect((await failure(transportTo(url).send(GET))).code).toBe('bad_answer')
})

describe('a function that fails is told with its error', () => {
  test.each([
    ['throw new RangeError("out of range")', {}, 'failed with RangeError: out of range.'],
    [
      'process.exit(1)',
      {},
      /failed with Runtime\.ExitError: RequestId: \S+ Error: Runtime exited with error: exit status 1\./,
    ],
    [
      'await new Promise(() => setInterval(() => {}, 1000))',
      { timeoutMs: 200 },
      /failed with Sandbox\.Timedout: .*Task timed out after 0\.20 seconds\./,
    ],
    [
      'return "x".repeat(7_000_000)',
      {},
      /failed with Function\.ResponseSizeTooLarge: Response payload size exceeded/,
    ],
  ] as const)('%s', async (body, spec, message) => {
    const { transport } = await running(body, spec)
    const error = await failure(transport.send(GET))
    expect(error.code).toBe('bad_answer')
    expect(error.message).toMatch(message)
  })

  test('and a long one is cut', async () => {
    const { transport } = await running('throw new Error("x".repeat(100_000))')
    expect((await failure(transport.send(GET))).message.length).toBeLessThan(700)
  })
})

describe('when Lambda does not run it', () => {
  const refusing = (status: number, type: string) =>
    answering((_request, response) => {
      response.writeHead(status, { 'x-amzn-errortype': type, 'content-type': 'application/json' })
      response.end('{"Message": "No."}')
    })

  test.each([
    [404, 'ResourceNotFoundException', 'does not exist in this account and region'],
    [403, 'AccessDeniedException', 'they need lambda:InvokeFunction'],
    [403, 'ExpiredTokenException', 'renew them'],
    [500, 'ServiceException', 'could not be invoked (ServiceException)'],
  ])('%d %s says the next move, and is asked once', async (status, type, sentence) => {
    const { url, asked } = await refusing(status, type)
    const error = await failure(transportTo(url).send(GET))
    expect(error.code).toBe('unreachable')
    expect(error.message).toContain(sentence)
    expect(asked()).toBe(1)
  })

  test('because there are too many, that is an answer, as over HTTP', async () => {
    const { url } = await refusing(429, 'TooManyRequestsException')
    expect((await transportTo(url).send(GET)).status).toBe(429)
  })

  test('no error shows a credential, not even in what the SDK throws', async () => {
    const { url } = await refusing(403, 'AccessDeniedException')
    for (const endpoint of [url, 'http://127.0.0.1:9']) {
      const shown = inspect(await failure(transportTo(endpoint).send(GET)), { depth: 20, showHidden: true })
      expect(shown).not.toContain('the-secret-key')
      expect(shown).not.toContain('the-session-token')
    }
  })

  test('the cause is words, whatever the error of the SDK leads to', () => {
    const request = { headers: { 'x-amz-security-token': 'the-session-token' } }
    const thrown = Object.assign(new Error('No.'), { name: 'AccessDeniedException', $response: { request } })
    const said = invokeFailure(thrown, 'The function it')
    expect(inspect(said, { depth: 20, showHidden: true })).not.toContain('the-session-token')
    expect(said).toMatchObject({ cause: { message: 'AccessDeniedException: No.' } })
  })

  test('because there are no credentials, it says so', async () => {
    const sdk = { endpoint: 'http://127.0.0.1:9', region: 'eu-west-1', credentials: noCredentials }
    const { message } = await failure(createLambdaTransport({ functionName: 'it', sdk }).send(GET))
    expect(message).toContain('no AWS credentials were found')
  })
})

async function noCredentials(): Promise<never> {
  throw Object.assign(new Error('Could not load credentials from any providers'), {
    name: 'CredentialsProviderError',
  })
}

test('the deadline covers the search for credentials', async () => {
  const sdk = {
    endpoint: 'http://127.0.0.1:9',
    region: 'eu-west-1',
    credentials: () => new Promise<never>(() => undefined),
  }
  const transport = createLambdaTransport({ functionName: 'it', sdk, timeoutMs: 50 })
  expect((await failure(transport.send(GET))).code).toBe('timeout')
  const aborting = new AbortController()
  const sent = failure(transport.send(GET, { signal: aborting.signal, timeoutMs: 60_000 }))
  aborting.abort()
  expect((await sent).code).toBe('aborted')
})

test('a request that is given up does not keep its connection', async () => {
  const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { url } = await answering((request) => {
    request.socket.once('close', () => closed.resolve())
    asked.resolve()
  })
  const aborting = new AbortController()
  const sent = failure(transportTo(url).send(GET, { signal: aborting.signal }))
  await asked.promise
  aborting.abort()
  expect((await sent).code).toBe('aborted')
  await closed.promise
})

describe('a connection that the peer closed', () => {
  test('before it answered is opened anew for a read, once', async () => {
    const { url, asked } = await answering((request, response, number) => {
      if (number === 1) request.socket.destroy()
      else response.end('{"statusCode": 200, "body": "{}"}')
    })
    expect((await transportTo(url).send(GET)).status).toBe(200)
    expect(asked()).toBe(2)
  })

  test('within its answer is not asked again', async () => {
    const { url, asked } = await answering((request, response) => {
      response.writeHead(200).write('{"statusCode"', () => request.socket.destroy())
    })
    expect((await failure(transportTo(url).send(GET))).code).toBe('unreachable')
    expect(asked()).toBe(1)
  })
})
