import { describe, expect, onTestFinished, test } from 'vitest'
import { awsEndpoint } from '../../client/transport/aws-endpoint.ts'
import { createHttpTransport, type HttpTransportOptions } from '../../client/transport/http.ts'
import { isTransportError, type TransportRequest } from '../../client/transport/transport.ts'
import { startLambdaEndpoint } from '../support/lambda/endpoint.ts'
import { writeFunction } from '../support/lambda/functions.ts'

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }
const FUNCTION_URL = 'https://abc123.lambda-url.eu-central-1.on.aws'

/** The `authorization` with which a transport asks for `/health`. */
async function authorization(options: Partial<HttpTransportOptions>): Promise<string | undefined> {
  let seen: Headers | undefined
  const transport = createHttpTransport({
    url: FUNCTION_URL,
    credentials: CREDENTIALS,
    fetch: async (_url, init) => {
      seen = new Headers(init.headers)
      return Response.json({})
    },
    ...options,
  })
  await transport.send({ method: 'GET', path: '/health' })
  return seen?.get('authorization') ?? undefined
}

describe('a request is signed', () => {
  const url = 'https://registry.test'
  test.each([
    [
      'to a Function URL, in its own region',
      {},
      /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/eu-central-1\/lambda\/aws4_request/,
    ],
    ['to a Function URL, also where there is a token', { token: 'tok' }, /^AWS4-HMAC-SHA256/],
    [
      'to another address where auth says so, in the region given',
      { url, auth: 'iam', region: 'eu-north-1' },
      /\/eu-north-1\/lambda\//,
    ],
    [
      'to API Gateway where auth says so, as that service',
      { url: 'https://x.execute-api.us-east-2.amazonaws.com/prod', auth: 'iam' },
      /\/us-east-2\/execute-api\//,
    ],
  ] as const)('%s', async (_what, options, expected) => {
    expect(await authorization(options)).toMatch(expected)
  })

  test.each([
    ['to another address', { url, token: 'tok' }],
    ['to a Function URL where auth says so', { auth: 'token', token: 'tok' }],
    ['to API Gateway', { url: 'https://x.execute-api.us-east-2.amazonaws.com', token: 'tok' }],
  ] as const)('not %s: there the token goes', async (_what, options) => {
    expect(await authorization(options)).toBe('Bearer tok')
  })

  test('only where the region is known', () => {
    expect(() => createHttpTransport({ url, auth: 'iam', fetch })).toThrow('set AWS_REGION')
  })
})

test.each([
  ['abc.lambda-url.eu-west-1.on.aws', { service: 'lambda', region: 'eu-west-1' }],
  ['x.execute-api.us-gov-west-1.amazonaws.com', { service: 'execute-api', region: 'us-gov-west-1' }],
  ['lambda-url.example.com', undefined],
  ['registry.test', undefined],
])('%s is the endpoint %j', (host, endpoint) => {
  expect(awsEndpoint(host)).toEqual(endpoint)
})

describe('a Function URL that checks the signature', () => {
  const requests: readonly TransportRequest[] = [
    { method: 'GET', path: '/health' },
    { method: 'GET', path: '/prompts/support/triage%401.3.0%2Beu' },
    { method: 'GET', path: '/prompts/a', query: { version: '1.3.0+eu', mode: "a b*'()!~/?#&=ü" } },
    {
      method: 'GET',
      path: '/prompts/a',
      query: { b: '', a: '2', A: '1' },
      headers: { 'if-none-match': '"x"' },
    },
    { method: 'POST', path: '/prompts', body: { content: 'Grüße 🙂\n' } },
    { method: 'PUT', path: '/sources/a%20b', body: {} },
    { method: 'DELETE', path: '/prompts/a/hold', body: { reason: 'ü' } },
  ]
  test.each(requests)('takes $method $path $query', async (request) => {
    const bundle = await writeFunction('return { statusCode: 200, body: JSON.stringify(event) }')
    const endpoint = await startLambdaEndpoint({ functions: { it: { bundle } } })
    onTestFinished(endpoint.close)
    const options = { url: endpoint.functionUrl('it'), auth: 'iam', region: 'eu-west-1', fetch } as const
    const { status, body } = await createHttpTransport({ ...options, credentials: CREDENTIALS }).send(request)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      rawPath: request.path,
      requestContext: { authorizer: { iam: { userArn: 'arn:aws:iam::123456789012:user/test' } } },
    })
    const query = new URLSearchParams((body as { rawQueryString: string }).rawQueryString)
    expect(Object.fromEntries(query)).toEqual(request.query ?? {})
    const wrong = { ...CREDENTIALS, secretAccessKey: 'wrong' }
    expect((await createHttpTransport({ ...options, credentials: wrong }).send(request)).status).toBe(403)
  })
})

test('without credentials it says so, within the deadline', async () => {
  const transport = createHttpTransport({
    url: FUNCTION_URL,
    credentials: async () => Promise.reject(new Error('Could not load credentials from any providers')),
    fetch,
  })
  const error = await transport.send({ method: 'GET', path: '/health' }).catch((thrown) => thrown)
  expect(isTransportError(error) && error.code).toBe('unreachable')
  expect(error.message).toContain('no AWS credentials were found')

  const hanging = createHttpTransport({
    url: FUNCTION_URL,
    credentials: () => new Promise(() => undefined),
    fetch,
    timeoutMs: 50,
  })
  const late = await hanging.send({ method: 'GET', path: '/health' }).catch((thrown) => thrown)
  expect(late).toMatchObject({ code: 'timeout' })
})
