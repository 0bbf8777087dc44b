import { expect, test } from 'vitest'
import {
  apiGatewayEvent,
  directPayload,
  functionUrlEvent,
  httpApiEvent,
} from '../../support/lambda/events.ts'
import { release } from '../../support/registry.ts'
import { type LambdaUnderTest, lambdaUnderTest } from './lambda-under-test.ts'

async function withPrompts(): Promise<LambdaUnderTest> {
  const under = lambdaUnderTest()
  await release(under.writer, 'p', '1.0.0', 'Text of p.')
  await release(under.writer, 'a/b', '1.0.0', 'Text of a/b.')
  return under
}

/** A REST API on its own address: only the context has the stage. */
const restEvent = (path: string, stage: string, more: object = {}) => {
  const event = apiGatewayEvent({ path })
  return {
    ...event,
    ...more,
    requestContext: { ...event.requestContext, stage, path: `/${stage}${path}` },
  }
}
const proxy = (proxy: string) => ({ pathParameters: { proxy } })
const api = (path: string, stage: string, route?: string, parameters?: Record<string, string>) =>
  httpApiEvent({ path, stage, ...(route && { route }), ...(parameters && { pathParameters: parameters }) })

test.each<[string, unknown, string]>([
  ['the stage of an HTTP API', api('/prod/prompts/p', 'prod'), 'Text of p.'],
  ['a stage, and an id with a slash', api('/prod/prompts/a/b', 'prod'), 'Text of a/b.'],
  ['a stage, and an encoded id', api('/prod/prompts/a%2Fb', 'prod'), 'Text of a/b.'],
  [
    'a stage before a catch-all route',
    api('/prod/prompts/p', 'prod', '/{proxy+}', { proxy: 'prompts/p' }),
    'Text of p.',
  ],
  [
    'a stage that has the name of a route',
    api('/prompts/prompts/p', 'prompts', '/{proxy+}', { proxy: 'prompts/p' }),
    'Text of p.',
  ],
  [
    'a base path of a domain before a catch-all route',
    api('/tools/registry/prompts/p', 'prod', '/{proxy+}', { proxy: 'prompts/p' }),
    'Text of p.',
  ],
  [
    'a route below which everything is ours',
    api('/registry/prompts/p', '$default', '/registry/{proxy+}', { proxy: 'prompts/p' }),
    'Text of p.',
  ],
  [
    'both',
    api('/prod/v1/registry/prompts/a/b', 'prod', '/v1/registry/prompts/{id+}', { id: 'a/b' }),
    'Text of a/b.',
  ],
  [
    'a base path before a route whose parameter has a hyphen',
    api('/base/prompts/p', 'prod', '/{the-path+}', { 'the-path': 'prompts/p' }),
    'Text of p.',
  ],
  [
    'no base path before a route of ours',
    api('/prompts/p', '$default', '/prompts/{id}', { id: 'p' }),
    'Text of p.',
  ],
  ['the stage of payload 1.0', apiGatewayEvent({ path: '/prod/prompts/p' }), 'Text of p.'],
  [
    'the base path of a REST API',
    { ...apiGatewayEvent({ path: '/base/prompts/p' }), ...proxy('prompts/p') },
    'Text of p.',
  ],
  [
    'the base path of a REST API, and an encoded id',
    { ...apiGatewayEvent({ path: '/base/prompts/a%2Fb' }), ...proxy('prompts/a/b') },
    'Text of a/b.',
  ],
  ['the stage of a REST API, which is not in the path', restEvent('/prompts/p', 'prompts'), 'Text of p.'],
])('%s is stripped', async (_what, event, content) => {
  const { send } = await withPrompts()
  const { status, document } = await send(event)
  expect([status, document.content]).toEqual([200, content])
})

test.each([
  ['begins with the letters of the stage', api('/production/prompts/p', 'prod')],
  ['begins with the letters of the stage, without a slash', api('/prodprompts/p', 'prod')],
  ['has the stage elsewhere', api('/x/prod/prompts/p', 'prod')],
  ['has the stage twice', api('/prod/prod/prompts/p', 'prod')],
  ['names the stage of another', api('/dev/prompts/p', 'prod')],
  ['names a stage, on the default stage', api('/prod/prompts/p', '$default')],
  [
    'begins with the letters of the stage, in payload 1.0',
    apiGatewayEvent({ path: '/production/prompts/p' }),
  ],
  ['names a stage, at a Function URL', functionUrlEvent({ path: '/prod/prompts/p' })],
  ['names a stage, in a direct invocation', directPayload({ path: '/prod/prompts/p' })],
])('a path that %s stays as it is', async (_what, event) => {
  const { send } = await withPrompts()
  const { status, document } = await send(event)
  expect([status, document.code]).toEqual([404, 'route_not_found'])
})

test('a stage by itself is the root', async () => {
  const { send } = await withPrompts()
  expect((await send(api('/prod', 'prod'))).document.code).toBe('route_not_found')
  expect((await send(api('/prod/health', 'prod'))).status).toBe(200)
})

test('a path with an invalid escape is refused as usual', async () => {
  const { send } = await withPrompts()
  const event = api('/prod/prompts/%zz', 'prod', '/{proxy+}', { proxy: 'prompts/%zz' })
  expect((await send(event)).document.code).toBe('invalid_request')
})
