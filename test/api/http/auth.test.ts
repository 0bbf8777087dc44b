import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type BearerToken, tokenAuth } from '../../../api/http/auth.ts'
import { ROUTES } from '../../../api/http/routes/index.ts'
import type { Access } from '../../../api/registry/caller.ts'
import { appUnderTest, refusal } from './app-under-test.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const token = (access: Access): BearerToken => ({
  name: `${access}er`,
  access,
  sources: ['support'],
  sha256: sha256(`${access}-secret`),
})
const tokens = [token('read'), token('write'), token('admin'), token('attest')]
const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } })
const withTokens = () => appUnderTest({ auth: tokenAuth(tokens) })

const BODIES: Readonly<Record<string, unknown>> = {
  pushVersion: { prompt_id: 'a', content: 'x' },
  runBatch: { operations: [{ op: 'push', prompt_id: 'a', content: 'x' }] },
  lookUpPrompts: { prompts: [{ prompt_id: 'a' }] },
  resolvePrompts: { references: ['a'] },
  promoteVersion: { version: '1' },
  addAlias: { version: '1', alias: '2' },
  revokeVersion: { version: '1' },
  transferPrompt: { source: 's' },
  recordSource: { expected_revision: 0, state: {} },
  leaseSource: { holder: 'h' },
  keepSet: { keep: true },
  attestVersion: { payloadType: 'x', payload: 'x', signatures: [] },
}

const OF_ONE_PROMPT = ['listEvidence', 'listReads']

/** The path of the route, with the parameters that it demands. */
const pathOf = ({ path, operationId }: (typeof ROUTES)[number]) =>
  path.replaceAll(/\{\w+\}/g, 'a') + (OF_ONE_PROMPT.includes(operationId) ? '?prompt_id=a' : '')

describe('access', () => {
  const needed = (operationId: string): Access | 'open' => {
    const open = ['health', 'describeApi']
    const reads = /^(list|get|read|resolve|diff|lookUp)/
    if (open.includes(operationId)) return 'open'
    if (operationId === 'attestVersion') return 'attest'
    if (['transferPrompt', 'forgetSource'].includes(operationId)) return 'admin'
    return reads.test(operationId) ? 'read' : 'write'
  }
  const MAY: Readonly<Record<Access | 'open', readonly string[]>> = {
    open: ['none', 'read', 'write', 'admin', 'attest'],
    read: ['read', 'write', 'admin'],
    write: ['write', 'admin'],
    admin: ['admin'],
    attest: ['attest', 'admin'],
  }
  const cases = ROUTES.flatMap((route) =>
    (['none', 'read', 'write', 'admin', 'attest'] as const).map((held) => ({
      route,
      held,
      need: needed(route.operationId),
    })),
  )

  test.each(cases)('$held access on $route.operationId, which needs $need', async ({ route, held, need }) => {
    const { app, registry } = withTokens()
    const headers = {
      ...(held !== 'none' && bearer(`${held}-secret`).headers),
      'content-type': 'application/json',
    }
    const body = route.method === 'get' ? undefined : JSON.stringify(BODIES[route.operationId] ?? {})
    const response = await app.request(pathOf(route), {
      method: route.method.toUpperCase(),
      headers,
      ...(body !== undefined && { body }),
    })
    if (MAY[need].includes(held)) expect(response.status).toBeLessThan(300)
    else {
      expect(registry.calls).toEqual([])
      expect(response.status).toBe(held === 'none' ? 401 : 403)
    }
  })

  test('that is too low is 403 with the caller and the required access', async () => {
    const { app } = withTokens()
    const response = await app.request('/prompts', { method: 'POST', ...bearer('read-secret') })
    expect(await refusal(response)).toEqual({
      status: 403,
      code: 'forbidden',
      error: 'This requires write access, but "reader" has read access; use another token.',
    })
  })
})

describe('a bearer token', () => {
  test('names the actor and the sources of its caller', async () => {
    const { app, registry } = withTokens()
    await app.request('/prompts', bearer('write-secret'))
    expect(registry.call.caller).toEqual({ actor: 'writeer', access: 'write', sources: ['support'] })
  })

  test.each([
    ['no header', {}],
    ['another token', bearer('wrong')],
    ['the digest of a token', bearer(sha256('read-secret'))],
    ['a token with something after it', bearer('read-secret x')],
    ['half a token', bearer('read-secre')],
    ['an empty token', bearer('')],
    ['Basic', { headers: { authorization: 'Basic cmVhZC1zZWNyZXQ=' } }],
    ['no scheme', { headers: { authorization: 'read-secret' } }],
  ])('is required: %s is 401 with WWW-Authenticate', async (_what, init) => {
    const { app, registry } = withTokens()
    const response = await app.request('/prompts/a', init)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="prompt-registry"')
    expect(await refusal(response)).toMatchObject({ status: 401, code: 'unauthorized' })
    expect(registry.calls).toEqual([])
  })

  test('may come under the scheme in any case', async () => {
    const { app } = withTokens()
    const response = await app.request('/prompts', { headers: { authorization: 'bearer read-secret' } })
    expect(response.status).toBe(200)
  })

  test.each(['', 'abc', sha256('x').toUpperCase(), `${sha256('x')}0`])(
    'whose configured digest is "%s" is refused when the registry starts',
    (digest) => {
      expect(() => tokenAuth([{ ...token('read'), sha256: digest }])).toThrow(/"reader" must be 64/)
    },
  )

  test('is denied if no token is configured', async () => {
    const { app } = appUnderTest({ auth: tokenAuth([]) })
    expect((await app.request('/prompts', bearer('x'))).status).toBe(401)
  })
})

test('a token passes its prefixes to the operations', async () => {
  const limited = { ...token('write'), prefixes: ['support/'] }
  const { app, registry } = appUnderTest({ auth: tokenAuth([limited]) })
  await app.request('/prompts', bearer('write-secret'))
  expect(registry.call.caller).toMatchObject({ sources: ['support'], prefixes: ['support/'] })
})

describe('a deployment that only reads', () => {
  test('answers every write with 403 read_only, even for an admin, and reads as usual', async () => {
    for (const route of ROUTES) {
      const { app } = appUnderTest({ auth: tokenAuth(tokens), settings: { readOnly: true } })
      const response = await app.request(pathOf(route), {
        method: route.method.toUpperCase(),
        headers: { ...bearer('admin-secret').headers, 'content-type': 'application/json' },
        ...(route.method !== 'get' && { body: JSON.stringify(BODIES[route.operationId] ?? {}) }),
      })
      const reads = route.access === 'read' || route.access === 'open'
      if (reads) expect(response.status).toBe(200)
      else expect(await refusal(response)).toMatchObject({ status: 403, code: 'read_only' })
    }
  })

  test('answers read_only to a reader who writes, but not to a stranger', async () => {
    const { app } = appUnderTest({ auth: tokenAuth(tokens), settings: { readOnly: true } })
    const asReader = await app.request('/prompts', { method: 'POST', ...bearer('read-secret') })
    const asStranger = await app.request('/prompts', { method: 'POST' })
    expect([(await refusal(asReader)).code, (await refusal(asStranger)).code]).toEqual([
      'read_only',
      'unauthorized',
    ])
  })
})
