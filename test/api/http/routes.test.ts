import { describe, expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/index.ts'
import { allowedMethods, routingPath } from '../../../api/http/paths.ts'
import type { Route } from '../../../api/http/route.ts'
import { ROUTES } from '../../../api/http/routes/index.ts'
import * as schemas from '../../../api/http/routes/schemas.ts'
import { makeRegistry } from '../../support/registry.ts'
import { ANSWERS } from '../../support/registry-fake.ts'
import { appUnderTest } from './app-under-test.ts'

const DIGEST = 'ab'.repeat(32)
const COMMIT = 'c0ffee'.padEnd(40, '0')
const origin = { source: 'support', commit: COMMIT, path: 'prompts/triage.md' }
const push = { prompt_id: 'a/b', content: 'text', config: { model: 'm', list: [1, null] }, origin }
const promote = { version: '9f86d081884c', alias: '1.3.0', source: 'support', lease_token: 3, override: true }

type Case = [
  request: string,
  body: Record<string, unknown> | undefined,
  method: keyof RegistryApi,
  args: readonly unknown[],
]

const ENVELOPE = { payloadType: 't', payload: 'cA==', signatures: [{ keyid: 'k', sig: 'cw==' }] }

const CASES: Case[] = [
  ['POST /prompts', push, 'push', [push]],
  [
    'POST /batch',
    { operations: [{ op: 'push', ...push }] },
    'batch',
    [{ operations: [{ op: 'push', ...push }] }],
  ],
  ['GET /prompts', undefined, 'list', [{ limit: 100 }]],
  [
    'GET /prompts?prefix=a%2F&source=support&status=draft&limit=7&cursor=x',
    undefined,
    'list',
    [{ prefix: 'a/', source: 'support', status: 'draft', limit: 7, cursor: 'x' }],
  ],
  ['GET /summaries?limit=7&cursor=x', undefined, 'summaries', [{ limit: 7, cursor: 'x' }]],
  [
    'POST /resolve',
    { references: ['a', 'b@1'], mode: 'dev' },
    'resolveMany',
    [{ references: ['a', 'b@1'], mode: 'dev' }],
  ],
  [
    'POST /lookup',
    { prompts: [{ prompt_id: 'a/b', names: ['1.3.0'] }] },
    'lookup',
    [{ prompts: [{ prompt_id: 'a/b', names: ['1.3.0'] }] }],
  ],
  ['GET /evidence?prompt_id=a/b&limit=7', undefined, 'evidence', [{ prompt_id: 'a/b', limit: 7 }]],
  ['GET /events?cursor=x', undefined, 'feed', [{ limit: 100, cursor: 'x' }]],
  [
    'GET /sources/support/findings?code=refused',
    undefined,
    'findings',
    ['support', { limit: 100, code: 'refused' }],
  ],
  [
    'POST /sources/support/forget',
    { delete: true, reason: 'r' },
    'forget',
    ['support', { delete: true, reason: 'r', limit: 100 }],
  ],
  ['GET /sources?limit=1000', undefined, 'sources', [{ limit: 1000 }]],
  ['GET /sources/support', undefined, 'source', ['support']],
  [
    'PUT /sources/support',
    {
      expected_revision: 0,
      state: { head: COMMIT },
      ledger: [{ tag: 'v1', commit: COMMIT }],
      lease_token: 4,
    },
    'recordSource',
    [
      'support',
      {
        expected_revision: 0,
        state: { head: COMMIT },
        ledger: [{ tag: 'v1', commit: COMMIT }],
        lease_token: 4,
      },
    ],
  ],
  ['GET /sources/support/ledger?cursor=x', undefined, 'ledger', ['support', { limit: 100, cursor: 'x' }]],
  ['POST /sources/support/lease', { holder: 'h' }, 'lease', ['support', { holder: 'h', ttl_seconds: 60 }]],
  ['GET /sources/support/set', undefined, 'currentSet', ['support', {}]],
  ['GET /sources/support/set?revoked_since=7', undefined, 'currentSet', ['support', { revoked_since: 7 }]],
  ['GET /sources/support/sets?cursor=x', undefined, 'setMoves', ['support', { limit: 100, cursor: 'x' }]],
  [
    'POST /sources/support/set',
    { release: 'v1.3.0', lease_token: 4 },
    'moveSet',
    ['support', { release: 'v1.3.0', lease_token: 4 }],
  ],
  [
    'POST /sources/support/rollback',
    { to: 'v1.2.0', reason: 'worse' },
    'rollbackSource',
    ['support', { to: 'v1.2.0', reason: 'worse' }],
  ],
  [`GET /sets/${DIGEST}`, undefined, 'releaseSet', [DIGEST]],
  [`PUT /sets/${DIGEST}/keep`, { keep: true }, 'keepSet', [DIGEST, { keep: true }]],
  ['GET /health', undefined, 'health', []],
]

const ON_A_PROMPT: [...Case][] = [
  ['GET /prompts/{id}', undefined, 'resolve', ['a/b', {}]],
  ['GET /prompts/{id}@1.3.0', undefined, 'resolve', ['a/b@1.3.0', {}]],
  ['GET /prompts/{id}@1.3.0+x?mode=paper', undefined, 'resolve', ['a/b@1.3.0+x', { mode: 'paper' }]],
  ['GET /prompts/{id}_v1.3', undefined, 'resolve', ['a/b_v1.3', {}]],
  [
    'GET /prompts/{id}?version=1.3.0+x&mode=nonsense',
    undefined,
    'resolve',
    ['a/b', { version: '1.3.0+x', mode: 'nonsense' }],
  ],
  ['GET /prompts/{id}?version=1.3.0%2Bx', undefined, 'resolve', ['a/b', { version: '1.3.0+x' }]],
  ['GET /prompts/{id}?version=1.3.0%20x', undefined, 'resolve', ['a/b', { version: '1.3.0+x' }]],
  ['GET /prompts/{id}?version=', undefined, 'resolve', ['a/b', { version: '' }]],
  ['POST /prompts/{id}/evidence', ENVELOPE, 'attest', ['a/b', ENVELOPE]],
  ['GET /prompts/{id}/evidence', undefined, 'resolve', ['a/b/evidence', {}]],
  ['GET /prompts/{id}/files/x', undefined, 'folderFile', ['a/b', 'x', {}]],
  ['GET /prompts/{id}@1.3.0/files/x/y%20z.md', undefined, 'folderFile', ['a/b@1.3.0', 'x/y z.md', {}]],
  [
    'GET /prompts/{id}/files/x%2Fy.md?mode=dev&version=1.3.0+x',
    undefined,
    'folderFile',
    ['a/b', 'x/y.md', { mode: 'dev', version: '1.3.0+x' }],
  ],
  ['GET /prompts/{id}/files/files/%76ersions', undefined, 'folderFile', ['a/b', 'files/versions', {}]],
  ['GET /prompts/{id}/versions?limit=2', undefined, 'versions', ['a/b', { limit: 2 }]],
  ['GET /prompts/{id}/diff', undefined, 'diff', ['a/b', {}]],
  [
    'GET /prompts/{id}/diff?v1=1.0.0+x&v2=latest',
    undefined,
    'diff',
    ['a/b', { v1: '1.0.0+x', v2: 'latest' }],
  ],
  ['POST /prompts/{id}/promote', promote, 'promote', ['a/b', promote]],
  [
    'POST /prompts/{id}/aliases',
    { alias: '1.2.0', version: 'x' },
    'addAlias',
    ['a/b', { alias: '1.2.0', version: 'x' }],
  ],
  ['POST /prompts/{id}/rollback', undefined, 'rollback', ['a/b', { hold: 'until_release' }]],
  [
    'POST /prompts/{id}/rollback',
    { hold: 'none', version: '1' },
    'rollback',
    ['a/b', { hold: 'none', version: '1' }],
  ],
  [
    'POST /prompts/{id}/revoke',
    { version: '1', reason: 'r' },
    'revoke',
    ['a/b', { version: '1', reason: 'r', scope: 'content' }],
  ],
  [
    'POST /prompts/{id}/revoke',
    { version: '1', scope: 'version', dry_run: true },
    'revoke',
    ['a/b', { version: '1', scope: 'version', dry_run: true }],
  ],
  ['POST /prompts/{id}/hold', { reason: 'r' }, 'hold', ['a/b', { reason: 'r' }]],
  ['DELETE /prompts/{id}/hold', undefined, 'unhold', ['a/b', {}]],
  ['DELETE /prompts/{id}/hold', { reason: 'r' }, 'unhold', ['a/b', { reason: 'r' }]],
  ['POST /prompts/{id}/owner', { source: null }, 'transfer', ['a/b', { source: null }]],
  ['GET /reads?prompt_id={id}&days=7', undefined, 'reads', ['a/b', { days: 7 }]],
  ['GET /prompts/{id}/events', undefined, 'events', ['a/b', { limit: 100 }]],
]

const inBothSpellings = (cases: Case[]): Case[] =>
  ['a/b', 'a%2Fb', 'a%2fb'].flatMap((id) =>
    cases.map(([request, ...rest]): Case => [request.replace('{id}', id), ...rest]),
  )

function send(request: string, body: Record<string, unknown> | undefined): [string, RequestInit] {
  const [method = '', path = ''] = request.split(' ')
  if (body === undefined) return [path, { method }]
  return [path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }]
}

function routeOf(request: string): Route | undefined {
  const [method = '', target = ''] = request.split(' ')
  const path = routingPath({ url: `http://localhost${target}`, method })
  return ROUTES.find((route) => allowedMethods([route], path).includes(method))
}

describe('a request reaches its operation with parsed arguments', () => {
  test.each([...CASES, ...inBothSpellings(ON_A_PROMPT)])(
    '%s %j calls %s',
    async (request, body, method, args) => {
      const { registry, ask } = appUnderTest()
      const response = await ask(...send(request, body))
      expect(registry.call).toMatchObject({ method })
      expect(registry.call.args).toEqual(args)
      expect(response.status).toBe(method === 'push' || method === 'attest' ? 201 : 200)
      const answer = await response.json()
      expect(answer).toEqual(ANSWERS[method])
      expect(routeOf(request)?.schemas(schemas).answer.safeParse(answer)).toMatchObject({ success: true })
    },
  )

  test('these requests cover every route except /openapi.json', () => {
    const covered = new Set([...CASES, ...ON_A_PROMPT].map(([, , method]) => method))
    expect([...covered].sort()).toEqual(Object.keys(ANSWERS).sort())
    expect(ROUTES).toHaveLength(Object.keys(ANSWERS).length + 1)
  })
})

describe('an answer', () => {
  test('to a push is 201 if the version is new and 200 if it exists', async () => {
    const { registry, post } = appUnderTest()
    expect((await post('/prompts', push)).status).toBe(201)
    registry.tell('push', () => ({ ...ANSWERS.push, created: false }))
    expect((await post('/prompts', push)).status).toBe(200)
  })

  test('is uncacheable JSON with a request id', async () => {
    const { ask } = appUnderTest()
    const { headers } = await ask('/prompts')
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-request-id')).toBe('r1')
  })

  test('to HEAD is that of GET without the body', async () => {
    const { registry, ask } = appUnderTest()
    const response = await ask('/prompts/a/b', { method: 'HEAD' })
    expect(registry.call).toMatchObject({ method: 'resolve', args: ['a/b', {}] })
    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toMatch(/^"/)
    expect(await response.text()).toBe('')
  })
})

describe('a resolve', () => {
  test('is 304 without a body if the caller has the current response', async () => {
    const { ask } = appUnderTest()
    const first = await ask('/prompts/a')
    const etag = first.headers.get('etag') ?? ''
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask('/prompts/a', { headers: { 'if-none-match': header } })
      expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
      expect(again.headers.get('x-request-id')).toMatch(/^r\d$/)
    }
  })

  test('is 200 with another tag once the response changes', async () => {
    const { registry, ask } = appUnderTest()
    const etag = (await ask('/prompts/a')).headers.get('etag') ?? ''
    registry.tell('resolve', () => ({ ...ANSWERS.resolve, tags: ['new'] }))
    const again = await ask('/prompts/a', { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(200)
    expect(again.headers.get('etag')).not.toBe(etag)
  })

  test('that fails has no tag', async () => {
    const { registry, ask } = appUnderTest()
    registry.tell('resolve', () => {
      throw new Error('no')
    })
    const response = await ask('/prompts/a', { headers: { 'if-none-match': '*' } })
    expect([response.status, response.headers.get('etag')]).toEqual([500, null])
  })
})

describe('a file of a skill folder', () => {
  test('has its digest as the entity tag', async () => {
    const { ask } = appUnderTest()
    const response = await ask('/prompts/a/files/references/style.md')
    const etag = `"${ANSWERS.folderFile.sha256}"`
    expect(response.headers.get('etag')).toBe(etag)
    const again = await ask('/prompts/a/files/references/style.md', { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('leaves the route to a prompt whose raw id has a segment "files"', async () => {
    const { admin } = makeRegistry()
    const { ask, post } = appUnderTest({ registry: { as: () => admin } })
    for (const prompt_id of ['files/a', 'a/files/b', 'a/files/b/files/c', 'a/files'])
      await post('/prompts', { prompt_id, content: prompt_id })
    for (const id of ['files/a', 'a/files/b', 'a/files%2Fb', 'a/files/b/files/c', 'a%2Ffiles%2Fb']) {
      const response = await ask(`/prompts/${id}?mode=dev&include=file`)
      expect(await response.json()).toMatchObject({ content: id.replaceAll('%2F', '/') })
    }
    const missing = await ask('/prompts/a/files/other?mode=dev')
    expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'not_found' }])
  })
})

describe('the operations', () => {
  test('are bound only once per caller', async () => {
    const caller = { actor: 'ci', access: 'read', sources: [] } as const
    const { app, registry } = appUnderTest({ auth: () => caller })
    await app.request('/prompts/a')
    await app.request('/prompts')
    expect(registry.callers).toEqual([caller])
    expect(registry.calls).toHaveLength(2)
  })
})

test('answers 201 for a new version, and 200 for a dry run of the same request', async () => {
  const { admin } = makeRegistry()
  const { ask, post } = appUnderTest({ registry: { as: () => admin } })
  const request = { prompt_id: 'a', content: 'text' }
  const dry = await post('/prompts', { ...request, dry_run: true })
  expect(dry.status).toBe(200)
  expect(await dry.json()).toMatchObject({ created: true })
  expect((await ask('/prompts/a?mode=dev')).status).toBe(404)
  expect((await post('/prompts', request)).status).toBe(201)
})
