import { describe, expect, test } from 'vitest'
import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import type { SendOptions, TransportAnswer, TransportRequest } from '../../client/transport/transport.ts'

function recorded(answer: Partial<TransportAnswer> = {}) {
  const sent: { request: TransportRequest; options: SendOptions | undefined }[] = []
  const api = createRegistryApi({
    send: async (request, options) => {
      sent.push({ request, options })
      return { status: 200, headers: {}, body: { said: true }, ...answer }
    },
  })
  return { api, sent }
}

const body = { any: 'body' } as never
const ID = 'support/triage'

/** Every method of the interface, and what goes over the wire for it. */
const ROUTES: Readonly<Record<keyof RegistryApi, readonly [(api: RegistryApi) => Promise<unknown>, object]>> =
  {
    push: [(api) => api.push(body), { method: 'POST', path: '/prompts', body }],
    batch: [(api) => api.batch(body), { method: 'POST', path: '/batch', body }],
    list: [
      (api) => api.list({ prefix: 'a b', limit: 3 }),
      { method: 'GET', path: '/prompts', query: { prefix: 'a b', limit: '3' } },
    ],
    summaries: [
      (api) => api.summaries({ limit: 3, cursor: 'a b' }),
      { method: 'GET', path: '/summaries', query: { limit: '3', cursor: 'a b' } },
    ],
    resolve: [
      (api) => api.resolve(`${ID}@1.3.0+b`, { mode: 'dev' }),
      { method: 'GET', path: '/prompts/support/triage@1.3.0%2Bb', query: { mode: 'dev' } },
    ],
    folderFile: [
      (api) => api.folderFile(`${ID}@1.3.0`, 'references/a b.md', { mode: 'dev' }),
      {
        method: 'GET',
        path: '/prompts/support%2Ftriage@1.3.0/files/references%2Fa%20b.md',
        query: { mode: 'dev' },
      },
    ],
    lookup: [(api) => api.lookup(body), { method: 'POST', path: '/lookup', body }],
    feed: [(api) => api.feed({ cursor: 'c' }), { method: 'GET', path: '/events', query: { cursor: 'c' } }],
    findings: [
      (api) => api.findings('support', { code: 'refused' }),
      { method: 'GET', path: '/sources/support/findings', query: { code: 'refused' } },
    ],
    forget: [(api) => api.forget('support', body), { method: 'POST', path: '/sources/support/forget', body }],
    resolveMany: [(api) => api.resolveMany(body), { method: 'POST', path: '/resolve', body }],
    versions: [
      (api) => api.versions(ID, { cursor: 'c+/=' }),
      { method: 'GET', path: '/prompts/support/triage/versions', query: { cursor: 'c+/=' } },
    ],
    diff: [
      (api) => api.diff(ID, { v1: 'stable', v2: 'latest' }),
      { method: 'GET', path: '/prompts/support/triage/diff', query: { v1: 'stable', v2: 'latest' } },
    ],
    promote: [
      (api) => api.promote(ID, body),
      { method: 'POST', path: '/prompts/support/triage/promote', body },
    ],
    addAlias: [
      (api) => api.addAlias(ID, body),
      { method: 'POST', path: '/prompts/support/triage/aliases', body },
    ],
    rollback: [
      (api) => api.rollback(ID, body),
      { method: 'POST', path: '/prompts/support/triage/rollback', body },
    ],
    revoke: [(api) => api.revoke(ID, body), { method: 'POST', path: '/prompts/support/triage/revoke', body }],
    hold: [(api) => api.hold(ID, body), { method: 'POST', path: '/prompts/support/triage/hold', body }],
    unhold: [(api) => api.unhold(ID, body), { method: 'DELETE', path: '/prompts/support/triage/hold', body }],
    transfer: [
      (api) => api.transfer(ID, body),
      { method: 'POST', path: '/prompts/support/triage/owner', body },
    ],
    attest: [
      (api) => api.attest(ID, body),
      { method: 'POST', path: '/prompts/support/triage/evidence', body },
    ],
    evidence: [
      (api) => api.evidence({ prompt_id: ID, identity: 'a b' }),
      { method: 'GET', path: '/evidence', query: { prompt_id: ID, identity: 'a b' } },
    ],
    reads: [
      (api) => api.reads(ID, { days: 7 }),
      { method: 'GET', path: '/reads', query: { prompt_id: ID, days: '7' } },
    ],
    events: [(api) => api.events(ID), { method: 'GET', path: '/prompts/support/triage/events' }],
    sources: [(api) => api.sources({ limit: 1 }), { method: 'GET', path: '/sources', query: { limit: '1' } }],
    source: [(api) => api.source('a b/c'), { method: 'GET', path: '/sources/a%20b%2Fc' }],
    recordSource: [(api) => api.recordSource('git', body), { method: 'PUT', path: '/sources/git', body }],
    ledger: [(api) => api.ledger('git'), { method: 'GET', path: '/sources/git/ledger' }],
    lease: [(api) => api.lease('git', body), { method: 'POST', path: '/sources/git/lease', body }],
    currentSet: [
      (api) => api.currentSet('git', { revoked_since: 7 }),
      { method: 'GET', path: '/sources/git/set', query: { revoked_since: '7' } },
    ],
    setMoves: [
      (api) => api.setMoves('git', { limit: 7 }),
      { method: 'GET', path: '/sources/git/sets', query: { limit: '7' } },
    ],
    moveSet: [(api) => api.moveSet('git', body), { method: 'POST', path: '/sources/git/set', body }],
    rollbackSource: [
      (api) => api.rollbackSource('git', body),
      { method: 'POST', path: '/sources/git/rollback', body },
    ],
    releaseSet: [(api) => api.releaseSet('ab/c'), { method: 'GET', path: '/sets/ab%2Fc' }],
    keepSet: [(api) => api.keepSet('abc', body), { method: 'PUT', path: '/sets/abc/keep', body }],
    health: [(api) => api.health(), { method: 'GET', path: '/health' }],
  }

test.each(Object.entries(ROUTES))(
  '%s asks its route and gives the document',
  async (_name, [call, request]) => {
    const { api, sent } = recorded()
    expect(await call(api)).toEqual({ said: true })
    expect(sent.map((one) => one.request)).toEqual([request])
  },
)

test('what is undefined in a query is not sent', async () => {
  const { api, sent } = recorded()
  await api.list({ prefix: undefined, cursor: undefined } as object)
  expect(sent[0]?.request).toEqual({ method: 'GET', path: '/prompts' })
})

test('the signal travels to the transport', async () => {
  const { api, sent } = recorded()
  const { signal } = new AbortController()
  await api.push(body, { signal })
  await api.health({ signal })
  expect(sent.map(({ options }) => options)).toEqual([{ signal }, { signal }])
})

describe('what would be another route is refused before it is sent, as the registry would', () => {
  test.each([
    ['a/../b', 'invalid_prompt_id'],
    ['../health', 'invalid_prompt_id'],
    ['a/versions', 'invalid_prompt_id'],
    ['', 'invalid_prompt_id'],
    ['a@', 'invalid_reference'],
    ['a@stable', 'invalid_version'],
  ])('reference %j', async (reference, code) => {
    const { api, sent } = recorded()
    await expect(api.resolve(reference)).rejects.toMatchObject({ name: 'RegistryError', code })
    expect(sent).toEqual([])
  })

  test('an id, a source', async () => {
    const { api, sent } = recorded()
    await expect(api.versions('a//b')).rejects.toMatchObject({ code: 'invalid_prompt_id' })
    await expect(api.promote('a@1', body)).rejects.toMatchObject({ code: 'invalid_prompt_id' })
    await expect(api.source('..')).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(api.lease('', body)).rejects.toMatchObject({ code: 'invalid_request' })
    expect(sent).toEqual([])
  })
})

describe('a refusal', () => {
  const refusal = async (status: number, document: unknown) => {
    const error = await recorded({ status, body: document })
      .api.health()
      .catch((thrown: unknown) => thrown)
    if (error instanceof RegistryError) return error
    throw new Error('It is no RegistryError.', { cause: error })
  }

  test('has the code, the sentence and the details of the registry', async () => {
    const document = { error: 'It is held.', code: 'held', details: { since: 'x' } }
    expect((await refusal(409, document)).toDocument()).toEqual(document)
    const plain = { error: 'Gone.', code: 'revoked' }
    expect((await refusal(404, plain)).toDocument()).toEqual(plain)
  })

  test('with a code of a newer registry gets the nearest one, and keeps what was sent', async () => {
    const error = await refusal(409, { error: 'Too odd.', code: 'too_odd', details: { n: 1 } })
    expect(error.toDocument()).toEqual({
      error: 'Too odd.',
      code: 'invalid_request',
      details: { n: 1, status: 409, code: 'too_odd' },
    })
  })

  test.each([
    [400, 'invalid_request'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'route_not_found'],
    [405, 'method_not_allowed'],
    [413, 'too_large'],
    [415, 'unsupported_media_type'],
    [429, 'busy'],
    [500, 'internal'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [599, 'internal'],
  ])('without a document: status %d is %s, in a sentence', async (status, code) => {
    for (const document of [undefined, 'text', [], null, { message: 'Not ours' }]) {
      const error = await refusal(status, document)
      expect(error.code).toBe(code)
      expect(error.message).toMatch(/^[A-Z].*\.$/)
      expect(error.details).toEqual({ status })
    }
  })

  test('404 of an older registry, which has no codes, is not_found', async () => {
    expect(await refusal(404, { error: 'No such prompt' })).toMatchObject({
      code: 'not_found',
      message: 'No such prompt',
    })
  })
})

test.each([
  [200, undefined],
  [200, 'text'],
  [200, null],
  [204, undefined],
  [304, undefined],
  [302, {}],
])('an answer %d with %j is no document', async (status, document) => {
  const { api } = recorded({ status, body: document })
  await expect(api.health()).rejects.toMatchObject({ name: 'TransportError', code: 'bad_answer' })
})
