import { describe, expect, test } from 'vitest'
import { fetchAnswer, fetchRequest } from '../../../api/lambda/fetch-api.ts'
import { parseConfig } from '../../../controller/configuration/config.ts'
import type { PassEvent } from '../../../controller/lambda/event.ts'
import { createSecrets, readReferences } from '../../../controller/lambda/secrets.ts'
import { createWebhookHandler } from '../../../controller/lambda/webhooks.ts'
import { functionUrlEvent, httpApiEvent } from '../../support/lambda/events.ts'
import { githubDelivery } from '../../support/webhook-deliveries.ts'
import { createTold } from './controller-under-test.ts'

const SECRET = 'the secret of the hook'
const CONFIG = {
  sources: [
    {
      name: 'a',
      repository: 'https://github.com/acme/prompts',
      credentials: { passwordEnv: 'TOKEN' },
      webhook: { secretEnv: 'HOOK', nextSecretEnv: 'NEXT' },
    },
    { name: 'b', repository: 'git@github.com:acme/prompts.git' },
    { name: 'c', repository: 'https://github.com/acme/others', webhook: { secretEnv: 'LOST' } },
  ],
}

function world({ refuses = false } = {}) {
  const told = createTold()
  const invoked: PassEvent[] = []
  const asked: string[] = []
  const kept: Record<string, string> = { HOOK: SECRET }
  const handler = createWebhookHandler({
    document: async () => parseConfig(JSON.stringify(CONFIG), 'sources.yaml'),
    secrets: createSecrets({
      references: readReferences(
        JSON.stringify({ HOOK: 'HOOK', NEXT: 'NEXT', LOST: 'LOST', TOKEN: 'TOKEN' }),
      ),
      async read({ id }) {
        asked.push(id)
        if (id === 'LOST') throw Object.assign(new Error('no'), { name: 'ResourceNotFoundException' })
        return kept[id] ?? ''
      },
      keepMs: 0,
      now: Date.now,
    }),
    readRequest: fetchRequest,
    writeAnswer: fetchAnswer,
    async invoke(event) {
      if (refuses) throw new Error('the controller is throttled')
      invoked.push(event)
    },
    observer: told,
  })
  const send = async (event: unknown) => {
    const { statusCode, body } = await handler(event, { awsRequestId: 'request-1' })
    return [statusCode, JSON.parse(body)]
  }
  /** As API Gateway passes it on: in Base64 if it does not consider the body text. */
  const deliver = (source: string, event = 'push', secret = SECRET, isBase64Encoded = false) => {
    const { headers, body } = githubDelivery(event, { ref: 'refs/heads/main', text: 'ä' }, secret)
    const text = Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8')
    return send(
      functionUrlEvent({ method: 'POST', path: `/webhooks/${source}`, headers, body: text, isBase64Encoded }),
    )
  }
  return { told, invoked, asked, kept, send, deliver }
}

describe('the webhook function', () => {
  test.each([false, true])(
    'requests a pass of all sources of the repository before it responds',
    async (base64) => {
      const { deliver, invoked, told } = world()
      expect(await deliver('a', 'push', SECRET, base64)).toEqual([202, { status: 'accepted' }])
      expect(invoked).toEqual([{ action: 'pass', sources: ['a', 'b'] }])
      expect(told.deliveries).toEqual([{ path: '/webhooks/a', status: 202 }])
    },
  )

  test('accepts deliveries below the stage of an API', async () => {
    const { send, invoked } = world()
    const { headers, body } = githubDelivery('push', { ref: 'refs/heads/main' }, SECRET)
    const asked = { method: 'POST', path: '/prod/webhooks/a', headers, body: Buffer.from(body).toString() }
    const mounted = { stage: 'prod', route: '/webhooks/{source}', pathParameters: { source: 'a' } }
    expect(await send(httpApiEvent({ ...asked, ...mounted }))).toEqual([202, { status: 'accepted' }])
    expect(await send(httpApiEvent({ ...asked, stage: 'prod' }))).toEqual([202, { status: 'accepted' }])
    expect(invoked).toHaveLength(2)
  })

  test('requests nothing if the signature is invalid or nothing moved', async () => {
    const { deliver, invoked } = world()
    expect(await deliver('a', 'push', 'a guess')).toMatchObject([401, { code: 'unauthorized' }])
    expect(await deliver('a', 'ping')).toEqual([200, { status: 'pong' }])
    expect(await deliver('a', 'issues')).toEqual([202, { status: 'ignored' }])
    expect(invoked).toEqual([])
  })

  test('accepts the next secret during a rotation', async () => {
    const { deliver, kept } = world()
    kept.NEXT = 'the next one'
    expect(await deliver('a', 'push', 'the next one')).toMatchObject([202, {}])
    expect(await deliver('a')).toMatchObject([202, {}])
  })

  test('does not reveal which sources exist, and reads no secret for an unknown one', async () => {
    const { deliver, asked, send } = world()
    const unknown = await deliver('zzz')
    expect(unknown).toMatchObject([401, { code: 'unauthorized' }])
    expect(await deliver('b')).toEqual(unknown)
    expect(asked).toEqual([])
    expect(await deliver('a', 'push', 'a guess')).toEqual(unknown)
    const unsigned = (path: string) => send(functionUrlEvent({ method: 'POST', path }))
    expect(await unsigned('/webhooks/')).toEqual(await unsigned('/webhooks/a'))
  })

  test('reads only the secrets of the requested source', async () => {
    const { deliver, asked } = world()
    await deliver('a')
    expect(asked.sort()).toEqual(['HOOK', 'NEXT'])
  })

  test('tells the alarm, and not the sender, that a secret cannot be read', async () => {
    const { deliver, told, invoked } = world()
    expect(await deliver('c')).toEqual(await deliver('zzz'))
    expect(told.problems).toMatchObject([
      { error: { message: expect.stringContaining('The secret LOST cannot be read') } },
    ])
    expect(invoked).toEqual([])
  })

  test('rejects the delivery if the controller cannot be invoked', async () => {
    const { deliver, told } = world({ refuses: true })
    expect(await deliver('a')).toMatchObject([500, { code: 'internal' }])
    expect(told.problems).toMatchObject([{ error: { message: 'the controller is throttled' } }])
  })

  test("answers a deployment's health check", async () => {
    const { send } = world()
    const http = { method: 'GET', path: '/health' }
    expect(await send({ rawPath: '/health', requestContext: { http } })).toEqual([200, { status: 'ok' }])
  })
})
