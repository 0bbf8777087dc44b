import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ERROR_CODES, RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { createApp } from '../../api/http/app.ts'
import { listen } from '../../api/http/node.ts'
import type { Caller } from '../../api/registry/caller.ts'
import { openEmbeddedRegistry } from '../../api/server.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import type { Transport } from '../../client/transport/transport.ts'
import { adminApi } from '../support/admin-api.ts'
import { handlerFetch } from '../support/handler-fetch.ts'
import { ANSWERS, RegistryFake } from '../support/registry-fake.ts'

const ADMIN: Caller = { actor: 'tester', access: 'admin', sources: 'any' }
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function appOn(registry: RegistryFake) {
  return createApp({
    registry,
    auth: () => ADMIN,
    log: { error: () => undefined },
    newRequestId: () => 'r1',
  })
}

const WAYS = {
  'in this process': async (registry: RegistryFake) => {
    const app = appOn(registry)
    const fetch = handlerFetch((request) => app.fetch(request))
    return createRegistryApi(createHttpTransport({ url: 'http://localhost', fetch }))
  },
  'over HTTP': async (registry: RegistryFake) => {
    const server = await listen(appOn(registry), { host: '127.0.0.1', port: 0 })
    cleanups.push(() => server.close())
    return createRegistryApi(createHttpTransport({ url: server.url, fetch: globalThis.fetch }))
  },
}

const COMMIT = 'a'.repeat(40)
type Arguments = { readonly [M in keyof RegistryApi]: Parameters<RegistryApi[M]> }

/** Arguments that are hard to carry over a wire, and that the registry must see as they were given. */
const ASKED: Arguments = {
  push: [
    { prompt_id: 'a/b', content: 'ü\r\n👋 "\\ \u0001', version: '1.3.0+b', config: { deep: [1, null] } },
  ],
  batch: [{ operations: [{ op: 'promote', prompt_id: 'a/b', version: '1.0.0' }] }],
  list: [{ prefix: 'a/b', limit: 7, cursor: 'c+/= &?' }],
  summaries: [{ limit: 7, cursor: 'c+/= &?' }],
  resolve: ['a/b.c@1.3.0+b', { mode: 'dev' }],
  folderFile: ['a/files/b', 'x/versions', { version: '1.3.0+b', mode: 'dev' }],
  resolveMany: [{ references: ['a/b', 'c@1'], mode: 'dev' }],
  lookup: [{ prompts: [{ prompt_id: 'a/b', names: ['1.3.0+b'] }] }],
  versions: ['a/b', { limit: 7, cursor: 'c+/=' }],
  diff: ['a/b', { v1: '1.3.0+b', v2: 'latest' }],
  promote: ['a/b', { version: '1.3.0', expected_revision: 3 }],
  addAlias: ['a/b', { version: '1.3.0', alias: 'v1' }],
  rollback: ['a/b', { version: '1.3.0', hold: 'none' }],
  revoke: ['a/b', { version: '1.3.0', reason: 'wrong' }],
  hold: ['a/b', { reason: 'freeze' }],
  unhold: ['a/b', { reason: 'thaw' }],
  transfer: ['a/b', { source: null }],
  attest: ['a/evidence', { payloadType: 'ü', payload: 'a+/=', signatures: [{ keyid: 'k', sig: 'b+/=' }] }],
  evidence: [{ prompt_id: 'a/b', identity: 'a'.repeat(64), limit: 7, cursor: 'c+/=' }],
  events: ['a/b', { limit: 7 }],
  reads: ['a/b', { days: 7 }],
  feed: [{ limit: 7, cursor: 'c+/=' }],
  sources: [{ limit: 7 }],
  source: ['support.v1'],
  recordSource: [
    'support',
    { expected_revision: 0, state: { a: 1 }, ledger: [{ tag: 'v1', commit: COMMIT }] },
  ],
  ledger: ['support', { limit: 7 }],
  findings: ['support', { code: 'refused' }],
  forget: ['support', { delete: true, reason: 'gone', limit: 7 }],
  lease: ['support', { holder: 'h', ttl_seconds: 5 }],
  currentSet: ['support', { revoked_since: 7 }],
  setMoves: ['support', { limit: 7 }],
  moveSet: ['support', { release: 'v1.3.0', lease_token: 3 }],
  rollbackSource: ['support', { to: 'v1.2.0', expected_sequence: 7 }],
  releaseSet: ['a'.repeat(64)],
  keepSet: ['a'.repeat(64), { keep: true }],
  health: [],
}

describe.each(Object.entries(WAYS))('the registry %s', (_way, open) => {
  test.each(Object.keys(ASKED) as (keyof RegistryApi)[])(
    '%s arrives, and its answer comes back',
    async (method) => {
      const registry = new RegistryFake()
      const api = await open(registry)
      const asked = ASKED[method]
      const answer = await (api[method] as (...args: readonly unknown[]) => Promise<unknown>)(...asked)
      expect(answer).toEqual(ANSWERS[method])
      const { method: seen, args } = registry.call
      expect(seen).toBe(method)
      expect(args.slice(0, asked.length)).toMatchObject([...asked])
    },
  )

  test.each(ERROR_CODES)('a refusal comes back with its code, sentence and details: %s', async (code) => {
    const details = { n: 1 }
    const registry = new RegistryFake().tell('promote', () => {
      throw new RegistryError(code, 'It is so.', { details })
    })
    const api = await open(registry)
    const error = await api.promote('a', { version: '1.0.0' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RegistryError)
    expect(error).toMatchObject({ code })
    // The words of an internal error are for the operator only.
    if (code !== 'internal') expect(error).toMatchObject({ message: 'It is so.', details })
  })
})

test('an agent and a real registry: draft, release, revocation, outage', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'registry-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const registry = openEmbeddedRegistry({ file: join(folder, 'r.db'), log: { error: () => undefined } })
  cleanups.push(() => registry.close())
  const server = await registry.listen({ host: '127.0.0.1', port: 0 })
  cleanups.push(() => server.close())
  await writeFile(join(folder, 'triage.txt'), 'From disk.')

  const api = adminApi(registry)
  const agent = new PromptRegistryClient({ registryUrl: server.url, localDir: folder, ttlMs: 0, env: {} })

  const draft = await api.push({ prompt_id: 'triage', content: 'First.', variables: ['name'] })
  expect(await agent.resolve('triage', { mode: 'dev' })).toMatchObject({
    text: 'First.',
    version: draft.version,
    status: 'draft',
    variables: ['name'],
    tier: 'http',
  })
  expect(await agent.resolve('triage')).toMatchObject({
    text: 'From disk.',
    attempts: [{ tier: 'http', code: 'not_released' }],
  })

  await api.promote('triage', { version: draft.version, alias: '1.0.0' })
  expect(await agent.resolve('triage@v1.0')).toMatchObject({ text: 'First.', status: 'stable' })
  expect(await agent.get('triage_v1')).toBe('First.')

  await api.revoke('triage', { version: '1.0.0' })
  await expect(agent.get('triage@v1.0')).rejects.toMatchObject({ code: 'revoked' })

  const second = await api.push({ prompt_id: 'triage', content: 'Second.' })
  await api.promote('triage', { version: second.version, alias: '1.1.0' })
  expect(await agent.get('triage')).toBe('Second.')
  await server.close()
  expect(await agent.resolve('triage')).toMatchObject({ text: 'Second.', stale: true })
  await expect(agent.get('triage@v1.0')).rejects.toMatchObject({ code: 'revoked' })
})

test('an entity tag of a batch holds for a single prompt, and the other way round', async () => {
  const registry = openEmbeddedRegistry({ file: ':memory:', log: { error: () => undefined } })
  cleanups.push(() => registry.close())
  const server = await registry.listen({ host: '127.0.0.1', port: 0, closeWithinMs: 0 })
  cleanups.push(() => server.close())
  const inner = createHttpTransport({ url: server.url, fetch: globalThis.fetch })
  const api = createRegistryApi(inner)
  for (const id of ['a', 'b']) {
    const { version } = await api.push({ prompt_id: id, content: `Text of ${id}.`, config: { n: 1 } })
    await api.promote(id, { version, alias: '1.0.0' })
  }
  const answers: unknown[] = []
  const transport: Transport = {
    send: async (request, options) => {
      const { status, body } = await inner.send(request, options)
      answers.push(status === 304 ? status : body)
      return await inner.send(request, options)
    },
  }
  const agent = () => new PromptRegistryClient({ transport, ttlMs: 0, env: {} })
  const first = agent()
  await first.getAll(['a', 'b@1.0.0'])
  expect(await first.get('b@1.0.0')).toBe('Text of b.')
  expect(await first.resolve('a')).toMatchObject({ release: '1.0.0', config: { n: 1 }, immutable: false })
  expect(answers.slice(1)).toEqual([304, 304])
  const second = agent()
  await second.get('a')
  await second.get('b@1.0.0')
  await second.getAll(['a', 'b@1.0.0'])
  expect(answers.at(-1)).toMatchObject({ results: [{ unchanged: true }, { unchanged: true }] })
})
