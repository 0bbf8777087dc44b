import { describe, expect, test } from 'vitest'
import { createBrokenHandler } from '../../../api/lambda/handler.ts'
import {
  apiGatewayEvent,
  directPayload,
  functionUrlEvent,
  httpApiEvent,
} from '../../support/lambda/events.ts'
import { pushText, release } from '../../support/registry.ts'
import { lambdaUnderTest } from './lambda-under-test.ts'

const post = (path: string, body: unknown) =>
  directPayload({ method: 'POST', path, body: JSON.stringify(body) })

describe('the actor of an event of the audit trail', () => {
  const ARN = 'arn:aws:iam::123456789012:user/ada'
  const asked = {
    method: 'POST',
    path: '/prompts',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt_id: 'a', content: 'text' }),
  }
  const { authorizer: _, ...open } = functionUrlEvent(asked).requestContext
  const forged = (userArn: unknown) => ({
    ...directPayload(asked),
    requestContext: { http: { method: 'POST', path: '/prompts' }, authorizer: { iam: { userArn } } },
  })
  test.each([
    ['the IAM identity of a Function URL', functionUrlEvent({ ...asked, userArn: ARN }), `${ARN} (claimed)`],
    ['the IAM identity of a REST API', apiGatewayEvent({ ...asked, userArn: ARN }), `${ARN} (claimed)`],
    ['the IAM identity of an HTTP API', httpApiEvent({ ...asked, userArn: ARN }), `${ARN} (claimed)`],
    ['the IAM identity that a direct invocation makes up', forged(ARN), `${ARN} (claimed)`],
    ['a REST API that knows no identity', apiGatewayEvent(asked), 'lambda:api-gateway'],
    ['an HTTP API that knows no identity', httpApiEvent(asked), 'lambda:api-gateway'],
    [
      'a Function URL without auth',
      { ...functionUrlEvent(asked), requestContext: open },
      'lambda:function-url',
    ],
    ['a direct invocation', directPayload(asked), 'lambda:direct-invoke'],
  ])('is %s', async (_what, event, actor) => {
    const { send, admin } = lambdaUnderTest()
    expect((await send(event)).status).toBe(201)
    expect((await admin.events('a')).events[0]?.actor).toBe(actor)
  })

  test.each([
    'ada',
    'promptctl/ada',
    `${ARN} `,
    `${ARN} (claimed)`,
    `${ARN}\nlambda:direct-invoke`,
    `${ARN}\u202e`,
    `arn:aws:iam::123456789012:user/${'a'.repeat(600)}`,
    'arn:aws:lambda:eu-west-1:123456789012:function:a',
    ['arn'],
    7,
    null,
  ])('is ignored if AWS would never send it: %j', async (userArn) => {
    const { send, admin } = lambdaUnderTest()
    expect((await send(forged(userArn))).status).toBe(201)
    expect((await admin.events('a')).events[0]?.actor).toBe('lambda:direct-invoke')
  })

  test.each([
    'arn:aws:iam::123456789012:root',
    'arn:aws:iam::123456789012:user/division/ada@example.com',
    'arn:aws-cn:sts::123456789012:assumed-role/operator/ada=1,b+c',
    'arn:aws-us-gov:sts::123456789012:federated-user/ada',
  ])('accepts %s as an identity', async (userArn) => {
    const { send, admin } = lambdaUnderTest()
    expect((await send(functionUrlEvent({ ...asked, userArn }))).status).toBe(201)
    expect((await admin.events('a')).events[0]?.actor).toBe(`${userArn} (claimed)`)
  })

  test('grants nothing: the reader refuses all writes', async () => {
    const { send } = lambdaUnderTest({ readOnly: true })
    const root = 'arn:aws:iam::123456789012:root'
    for (const event of [
      forged(root),
      functionUrlEvent({ ...asked, userArn: root }),
      httpApiEvent({ ...asked, userArn: root }),
      apiGatewayEvent({ ...asked, userArn: root }),
    ]) {
      const { status, document } = await send(event)
      expect([status, document.code]).toEqual([403, 'read_only'])
    }
  })
})

test('every caller of the writer is admin, and may act for any source', async () => {
  const { send, writer } = lambdaUnderTest()
  await release(writer, 'a', '1.0.0', 'one', 'git')
  const pushed = await send(post('/prompts', { prompt_id: 'a', content: 'two', origin: { source: 'git' } }))
  expect(pushed.status).toBe(201)
  expect((await send(post('/prompts/a/owner', { source: 'other', create: true }))).status).toBe(200)
})

describe('the reader', () => {
  const options = { settings: { allowedModes: ['staging', 'production'] as const } }

  test('refuses writes of every caller', async () => {
    const { send, writer, admin } = lambdaUnderTest({ readOnly: true })
    await pushText(writer, 'a', 'text')
    const writes = [
      ['POST', '/prompts'],
      ['POST', '/batch'],
      ['POST', '/prompts/a/promote'],
      ['POST', '/prompts/a/aliases'],
      ['POST', '/prompts/a/rollback'],
      ['POST', '/prompts/a/revoke'],
      ['POST', '/prompts/a/hold'],
      ['DELETE', '/prompts/a/hold'],
      ['POST', '/prompts/a/owner'],
      ['PUT', '/sources/git'],
      ['POST', '/sources/git/lease'],
    ] as const
    for (const [method, path] of writes) {
      const { status, document } = await send(functionUrlEvent({ method, path, body: '{}' }))
      expect([path, status, document.code]).toEqual([path, 403, 'read_only'])
    }
    expect((await admin.events('a')).events).toHaveLength(1)
  })

  test('serves reads, including by POST', async () => {
    const { send, writer } = lambdaUnderTest({ readOnly: true })
    await release(writer, 'a', '1.0.0', 'text')
    expect((await send(directPayload({ path: '/prompts/a' }))).status).toBe(200)
    const { document } = await send(post('/resolve', { references: ['a'] }))
    expect(document.results[0].prompt.content).toBe('text')
  })

  test('returns no drafts in any mode, regardless of the caller', async () => {
    const { send, writer } = lambdaUnderTest({ readOnly: true }, options)
    await writer.promote('a', { version: await pushText(writer, 'a', 'released') })
    const draft = await pushText(writer, 'a', 'the secret draft')
    const asked = [
      '/prompts/a',
      `/prompts/a@${draft}`,
      '/prompts/a?mode=staging',
      `/prompts/a?mode=production&version=${draft}`,
      '/prompts/a?mode=dev',
      '/prompts/a?mode=simulation',
      '/prompts/a?mode=backtest',
      '/prompts/a/versions',
      `/prompts/a/diff?v1=stable&v2=${draft}`,
      '/prompts/a/diff',
      '/prompts/a/events',
      '/prompts',
    ]
    for (const target of asked) {
      const [path = '', query = ''] = target.split('?')
      const { status, document } = await send(functionUrlEvent({ path, query }))
      expect(JSON.stringify(document), target).not.toContain('secret')
      if (/dev|simulation|backtest/.test(target)) expect([target, status]).toEqual([target, 403])
    }
    const many = await send(post('/resolve', { references: ['a', `a@${draft}`], mode: 'dev' }))
    expect(many.status).toBe(403)
  })
})

describe('what is counted', () => {
  const ADA = 'arn:aws:iam::123456789012:user/ada'
  test('is each request with its operation, status and time', async () => {
    const { send, finished, writer } = lambdaUnderTest()
    await release(writer, 'a', '1.0.0')
    await send(functionUrlEvent({ path: '/prompts/a', query: 'mode=dev', userArn: ADA }))
    await send(directPayload({ path: '/prompts/b' }))
    await send({})
    expect(finished).toEqual([
      {
        requestId: 'request-1',
        actor: `${ADA} (claimed)`,
        method: 'GET',
        path: '/prompts/a',
        operation: 'resolvePrompt',
        status: 200,
        durationMs: 2,
        promotions: 0,
      },
      {
        requestId: 'request-2',
        actor: 'lambda:direct-invoke',
        method: 'GET',
        path: '/prompts/b',
        operation: 'resolvePrompt',
        status: 404,
        durationMs: 2,
        promotions: 0,
      },
      {
        requestId: 'request-3',
        actor: 'lambda:unknown',
        method: 'EVENT',
        path: '',
        operation: 'none',
        status: 400,
        durationMs: 2,
        promotions: 0,
      },
    ])
  })

  test.each([
    ['GET', '/prompts/a/b', 'resolvePrompt'],
    ['HEAD', '/prompts/a%2Fb', 'resolvePrompt'],
    ['GET', '/prompts/a/b/versions', 'listVersions'],
    ['GET', '/prompts/a/b/diff', 'diffVersions'],
    ['POST', '/prompts/a/b/promote', 'promoteVersion'],
    ['POST', '/resolve', 'resolvePrompts'],
    ['GET', '/prompts', 'listPrompts'],
    ['GET', '/summaries', 'listSummaries'],
    ['GET', '/sources/git', 'getSource'],
    ['GET', '/health', 'health'],
    ['PATCH', '/health', 'none'],
    ['GET', '/nothing', 'none'],
  ])('%s %s is the operation %s', async (method, path, operation) => {
    const { send, finished } = lambdaUnderTest()
    await send(functionUrlEvent({ method, path }))
    expect(finished[0]?.operation).toBe(operation)
  })

  test('are the promotions that changed something, including those in a batch', async () => {
    const { send, finished, writer } = lambdaUnderTest()
    const [one, two] = [await pushText(writer, 'a', 'one'), await pushText(writer, 'b', 'two')]
    await send(post('/prompts/a/promote', { version: one }))
    await send(post('/prompts/a/promote', { version: one }))
    await send(post('/prompts/a/promote', { version: 'nothing' }))
    await send(
      post('/batch', {
        operations: [
          { op: 'push', prompt_id: 'a', content: 'three' },
          { op: 'promote', prompt_id: 'b', version: two, alias: '1.0.0' },
          { op: 'alias', prompt_id: 'a', alias: '0.1.0', version: one },
          { op: 'promote', prompt_id: 'b', version: two, alias: '1.0.0' },
          { op: 'promote', prompt_id: 'c', version: 'nothing' },
        ],
      }),
    )
    await send(
      post('/batch', {
        operations: [
          { op: 'archive', prompt_id: 'b', archived: true },
          { op: 'retire', prompt_id: 'b', release: '2.0.0' },
        ],
      }),
    )
    await send(post('/prompts/a/rollback', {}))
    expect(finished.map(({ promotions }) => promotions)).toEqual([1, 0, 0, 1, 0, 0])
  })

  test('does not fail the request', async () => {
    const errors: string[] = []
    const { send } = lambdaUnderTest({
      observer: {
        finished: () => {
          throw new Error('The counter broke.')
        },
        error: (message) => errors.push(message),
        info: () => undefined,
      },
    })
    expect((await send(directPayload({ path: '/health' }))).status).toBe(200)
    expect(errors).toEqual(['a request was not counted'])
  })
})

describe('a failure', () => {
  const broken = {
    between: () =>
      new Proxy({} as never, {
        get: () => async () => {
          throw new Error('secret internals')
        },
      }),
  }

  test('of the store is a document with the id of its cause in the log', async () => {
    const { send, errors, finished } = lambdaUnderTest({}, broken)
    const { status, document } = await send(directPayload({ path: '/prompts/a' }))
    expect([status, document.code, document.details]).toEqual([500, 'internal', { request_id: 'request-1' }])
    expect(JSON.stringify(document)).not.toMatch(/secret|\.ts:/)
    expect(errors).toMatchObject([
      { facts: { request_id: 'request-1', error: new Error('secret internals') } },
    ])
    expect(finished[0]?.status).toBe(500)
  })

  test('outside the app is also a document', async () => {
    const registry = {
      as: () => {
        throw new Error('secret internals')
      },
    }
    const { send, errors } = lambdaUnderTest({ registry })
    const { status, document } = await send(directPayload({ path: '/prompts/a' }))
    expect([status, document.code]).toEqual([500, 'internal'])
    expect(JSON.stringify(document)).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })

  test('to start is logged at each request, and returned as a document', async () => {
    const errors: unknown[] = []
    const quiet = { finished: () => undefined, info: () => undefined }
    const observer = { ...quiet, error: (...said: unknown[]) => errors.push(said) }
    const reason = new Error('S3_BUCKET: It is not set.')
    const handler = createBrokenHandler(reason, { observer, newId: () => 'made-up' })
    const { statusCode, body } = await handler(directPayload({ path: '/health' }))
    expect([statusCode, JSON.parse(body).code]).toEqual([500, 'internal'])
    expect(body).not.toContain('S3_BUCKET')
    expect(errors).toMatchObject([[expect.any(String), { error: reason }]])
  })
})

test("a response above Lambda's limit is refused with a message", async () => {
  const { send, writer } = lambdaUnderTest()
  const references: string[] = []
  for (let n = 0; n < 20; n++) {
    // Each of these takes two bytes in JSON, and four in JSON inside JSON.
    await writer.push({ prompt_id: `p${n}`, content: `${n}${'\n'.repeat(200_000)}` })
    references.push(`p${n}`)
  }
  const few = await send(post('/resolve', { references: references.slice(0, 5), mode: 'dev' }))
  expect(few.status).toBe(200)
  const { status, document } = await send(post('/resolve', { references, mode: 'dev' }))
  expect([status, document.code]).toEqual([413, 'too_large'])
  expect(document.error).toContain('fewer references')
})

test('concurrent requests keep their own ids', async () => {
  const { send } = lambdaUnderTest()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send(directPayload({ path: '/prompts/nothing' }))),
  )
  expect(answers.map(({ headers }) => headers['x-request-id'])).toEqual(
    answers.map((_, n) => `request-${n + 1}`),
  )
})
