import { describe, expect, test } from 'vitest'
import type { ClientEvent } from '../../client/events.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import type { ClientOptions } from '../../client/options.ts'
import { quiet } from '../support/virtual-time.ts'
import { fakeClient } from './fake-client.ts'
import { type FakePrompt, fakeRegistry } from './fake-registry.ts'
import { fakeTime } from './fake-time.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

function world(
  prompts: Readonly<Record<string, FakePrompt | string>> = { a: 'A', b: 'B' },
  options: ClientOptions = {},
) {
  const registry = fakeRegistry(prompts)
  const time = fakeTime()
  const client = fakeClient(registry, time, options)
  const events: ClientEvent[] = []
  client.on('event', (event) => events.push(event))
  return { registry, time, client, events, asked: () => registry.requests.splice(0) }
}

describe('within the TTL', () => {
  test('there is no request', async () => {
    const { client, time, asked } = world()
    await client.get('a')
    await time.pass(MINUTE - 1)
    expect(await client.get('a')).toBe('A')
    expect(await client.resolve('a')).toMatchObject({ reason: 'cached', ageMs: MINUTE - 1, stale: false })
    expect(asked()).toEqual(['GET /prompts/a'])
    expect(client.metrics()).toMatchObject({ hits: 2, misses: 1, requests: 1, entries: 1 })
  })

  test('the TTL may be another for the client or for one call', async () => {
    const { client, time, asked } = world({ a: 'A' }, { ttlMs: 10 * SECOND })
    await client.get('a')
    await time.pass(9 * SECOND)
    await client.get('a')
    await client.get('a', { ttlMs: 9.5 * SECOND })
    expect(asked()).toHaveLength(1)
    await client.get('a', { ttlMs: 5 * SECOND })
    await quiet()
    expect(asked()).toHaveLength(1)
  })

  test('peek looks without a request', async () => {
    const { client, asked } = world()
    expect(client.peek('a')).toBeUndefined()
    await client.get('a')
    expect(client.peek('a')).toBe('A')
    expect(asked()).toHaveLength(1)
  })
})

describe('after the TTL', () => {
  test('the known text comes at once, and one request in the background brings the new one', async () => {
    const { client, registry, time, asked } = world()
    await client.get('a')
    registry.prompts.set('a', { content: 'A2' })
    await time.pass(MINUTE)
    const texts = await Promise.all(Array.from({ length: 100 }, () => client.get('a')))
    expect(new Set(texts)).toEqual(new Set(['A']))
    await quiet()
    expect(asked()).toHaveLength(2)
    expect(await client.resolve('a')).toMatchObject({ text: 'A2', reason: 'cached' })
  })

  test('the request is conditional, and an unchanged text is fresh again', async () => {
    const { client, registry, time } = world()
    await client.get('a')
    await time.pass(MINUTE)
    expect(await client.resolve('a')).toMatchObject({ reason: 'stale', stale: true })
    await quiet()
    expect(await client.resolve('a')).toMatchObject({ reason: 'cached', ageMs: 0 })
    expect(registry.sent).toEqual(['a'])
  })

  test('one request asks for everything that is due and was used', async () => {
    const { client, registry, time, asked } = world({
      a: 'A',
      'b@1': { content: 'B', immutable: true },
      c: 'C',
    })
    for (const ref of ['a', 'b@1', 'c']) await client.get(ref)
    await client.get('a')
    await client.get('b@1')
    asked()
    registry.prompts.set('b@1', { content: 'B', refused: 'revoked' })
    await time.pass(MINUTE)
    await client.get('a')
    await quiet()
    expect(asked()).toEqual(['POST /resolve a b@1'])
    await expect(client.get('b@1')).rejects.toMatchObject({ code: 'revoked' })
  })

  test('a registry that hangs holds up nobody', async () => {
    const { client, registry, time, asked } = world()
    await client.get('a')
    registry.fault = 'hangs'
    await time.pass(MINUTE)
    for (let n = 0; n < 100; n++) expect(await client.get('a')).toBe('A')
    expect(asked()).toHaveLength(2)
  })

  test.each(['refused', 500, 503, 401, 'html'] as const)(
    'a registry that fails (%s) is asked at most once a second',
    async (fault) => {
      const { client, registry, time, asked } = world()
      await client.get('a')
      registry.fault = fault
      await time.pass(MINUTE)
      asked()
      for (let n = 0; n < 50; n++) {
        await client.get('a')
        await time.pass(100)
      }
      expect(asked()).toHaveLength(5)
      registry.fault = 'none'
      await time.pass(SECOND)
      await client.get('a')
      await quiet()
      expect(await client.resolve('a')).toMatchObject({ reason: 'cached' })
    },
  )
})

describe('a text older than staleForMs', () => {
  test('is asked for first', async () => {
    const { client, registry, time } = world()
    await client.get('a')
    registry.prompts.set('a', { content: 'A2' })
    await time.pass(10 * MINUTE)
    expect(await client.get('a')).toBe('A2')
  })

  test('is used after a second without an answer, and then at once', async () => {
    const { client, registry, time, asked } = world()
    await client.get('a')
    registry.fault = 'hangs'
    await time.pass(10 * MINUTE)
    let text: string | undefined
    void client.get('a').then((got) => {
      text = got
    })
    await time.pass(999)
    expect(text).toBeUndefined()
    await time.pass(1)
    expect(text).toBe('A')
    expect(await client.resolve('a')).toMatchObject({ text: 'A', reason: 'last_known_good' })
    expect(asked()).toHaveLength(2)
  })

  test('is used at once if it is immutable', async () => {
    const { client, registry, time } = world({ 'a@1': { content: 'A', immutable: true } })
    await client.get('a@1')
    registry.fault = 'hangs'
    await time.pass(100 * MINUTE)
    expect(await client.get('a@1')).toBe('A')
  })
})

describe('a TTL of 0', () => {
  test('asks at every call, and waits to the deadline', async () => {
    const { client, registry, time, events } = world({ a: 'A' }, { ttlMs: 0 })
    await client.get('a')
    registry.fault = 'hangs'
    let resolution: unknown
    void client.resolve('a').then((got) => {
      resolution = got
    })
    await time.pass(9_999)
    expect(resolution).toBeUndefined()
    await time.pass(1)
    expect(resolution).toMatchObject({
      text: 'A',
      reason: 'last_known_good',
      attempts: [{ code: 'timeout' }],
    })
    expect(events.map(({ type }) => type)).toEqual(['tier_failed', 'circuit_open', 'stale_used'])
  })
})

describe('one flight', () => {
  test('serves a thousand first calls', async () => {
    const { client, asked } = world()
    await Promise.all(Array.from({ length: 1000 }, () => client.get('a')))
    expect(asked()).toHaveLength(1)
  })

  test('goes on for the others when a caller gives up', async () => {
    const { client, registry, time } = world()
    registry.fault = 'hangs'
    const [first, second] = [new AbortController(), new AbortController()]
    const codes = [first, second].map(({ signal }) => client.get('a', { signal }).catch(({ code }) => code))
    const patient = client.get('a').catch(({ code }) => code)
    await quiet()
    first.abort()
    second.abort()
    expect(await Promise.all(codes)).toEqual(['aborted', 'aborted'])
    await time.pass(10 * SECOND)
    expect(await patient).toBe('timeout')
  })

  test('ends when nobody waits for it any more', async () => {
    const { client, registry, asked } = world()
    registry.fault = 'hangs'
    const controller = new AbortController()
    const given = client.get('a', { signal: controller.signal }).catch(({ code }) => code)
    await quiet()
    controller.abort()
    await given
    registry.fault = 'none'
    expect(await client.get('a')).toBe('A')
    expect(asked()).toHaveLength(2)
  })
})

describe('a refusal', () => {
  test.each(['not_found', 'not_released', 'revoked'])(
    '(%s) is remembered for five seconds',
    async (refused) => {
      const { client, registry, time, asked } = world({
        a: { content: 'A', refused, details: { never: true } },
      })
      const code = () => client.get('a').catch((error) => error.code)
      expect(await code()).toBe(refused)
      await time.pass(4_999)
      expect(await code()).toBe(refused)
      expect(asked()).toHaveLength(1)
      registry.prompts.set('a', { content: 'A' })
      await time.pass(1)
      expect(await client.get('a')).toBe('A')
    },
  )

  test('replaces a known text for good, also in an outage', async () => {
    const { client, registry, time, events } = world()
    await client.get('a')
    registry.prompts.set('a', { content: 'A', refused: 'revoked' })
    await time.pass(MINUTE)
    expect(await client.get('a')).toBe('A')
    await quiet()
    expect(events).toEqual([
      { type: 'refused', reference: 'a', mode: undefined, code: 'revoked', message: 'Because of revoked.' },
    ])
    registry.fault = 'refused'
    for (let n = 0; n < 20; n++) {
      await expect(client.get('a')).rejects.toMatchObject({ code: 'revoked' })
      await time.pass(SECOND)
    }
    expect(client.peek('a')).toBeUndefined()
  })
})

describe('an answer', () => {
  test.each(['wrong_prompt', 'wrong_hash', 'html', 'truncated'] as const)(
    'is not believed: %s',
    async (fault) => {
      const { client, registry } = world()
      registry.fault = fault
      await expect(client.get('a')).rejects.toMatchObject({ code: 'bad_answer' })
    },
  )

  test('is frozen, with everything in it', async () => {
    const { client } = world()
    const resolution = await client.resolve('a')
    expect(() => Object.assign(resolution, { text: 'x' })).toThrow(TypeError)
    expect(Object.isFrozen(resolution.tags)).toBe(true)
  })

  test('has frozen variables, config and inputs', async () => {
    const input = { name: 'who', type: 'string', required: true, enum: ['Ada'] }
    const body = { content: 'A', variables: { a: [{}] }, config: { b: [{}] }, inputs: [input] }
    const transport = { send: async () => ({ status: 200, headers: {}, body }) }
    const { variables, config, inputs } = await new PromptRegistryClient({ transport, env: {} }).resolve('a')
    expect({ variables, config, inputs }).toEqual({
      variables: body.variables,
      config: body.config,
      inputs: [input],
    })
    for (const value of [body.variables.a[0], body.config.b[0], inputs, inputs?.[0], inputs?.[0]?.enum])
      expect(Object.isFrozen(value)).toBe(true)
  })

  test('with another spelling of the id is believed, if only the case differs', async () => {
    const { client, registry } = world()
    registry.prompts.set('Team/A', { content: 'T' })
    expect(await client.resolve('Team/A')).toMatchObject({ promptId: 'Team/A', text: 'T' })
  })
})

describe('the limits of the cache', () => {
  test('drop what was used least recently', async () => {
    const { client, asked } = world({ a: 'A', b: 'B', c: 'C' }, { maxEntries: 2 })
    await client.get('a')
    await client.get('b')
    await client.get('a')
    await client.get('c')
    expect([client.peek('a'), client.peek('b'), client.peek('c')]).toEqual(['A', undefined, 'C'])
    expect(client.metrics()).toMatchObject({ entries: 2, evictions: 1 })
    expect(asked()).toHaveLength(3)
  })

  test('count bytes too', async () => {
    const { client } = world({ a: 'x'.repeat(1000), b: 'y'.repeat(1000) }, { maxBytes: 4000 })
    await client.get('a')
    await client.get('b')
    expect(client.peek('a')).toBeUndefined()
    expect(client.metrics().bytes).toBe(2500)
  })

  test('an unchanged text that was dropped meanwhile still comes', async () => {
    const { client, time } = world({ a: 'A', b: 'B' }, { maxEntries: 1 })
    await client.get('a')
    await time.pass(10 * MINUTE)
    const [a, b] = await Promise.all([client.get('a'), client.get('b')])
    expect([a, b]).toEqual(['A', 'B'])
  })
})

describe('many prompts', () => {
  test('come in one request for what is missing', async () => {
    const { client, asked } = world({ a: 'A', b: 'B', c: 'C' })
    await client.get('b')
    asked()
    expect([...(await client.getAll(['a', 'b', 'c', 'a']))]).toEqual([
      ['a', 'A'],
      ['b', 'B'],
      ['c', 'C'],
    ])
    expect(asked()).toEqual(['POST /resolve a c'])
  })

  test('fail with the first that fails', async () => {
    const { client } = world()
    await expect(client.getAll(['a', 'nowhere'])).rejects.toMatchObject({ code: 'not_found' })
  })

  test('prefetch never fails, and later calls need no request', async () => {
    const { client, asked } = world()
    await client.prefetch(['a', 'b', 'nowhere'])
    await client.get('a')
    await client.get('b')
    expect(asked()).toEqual(['POST /resolve a b nowhere'])
  })

  test('more than a hundred come in as many requests as are needed', async () => {
    const ids = Array.from({ length: 250 }, (_, n) => `p${n}`)
    const { client, asked } = world(Object.fromEntries(ids.map((id) => [id, id])))
    const texts = await client.getAll(ids)
    expect([...texts.values()]).toEqual(ids)
    expect(asked()).toHaveLength(3)
  })
})

describe('a watch', () => {
  test('whose callback fails changes nothing for anybody', async () => {
    const { client, registry, time } = world()
    await client.prefetch(['a'])
    const seen: string[] = []
    client.watch(['a'], () => {
      throw new Error('mine')
    })
    client.watch(['a'], ({ reference }) => seen.push(reference))
    registry.prompts.set('a', { content: 'A2' })
    await time.pass(MINUTE)
    expect(seen).toEqual(['a'])
    expect(await client.get('a')).toBe('A2')
  })

  test('tells of changes by one conditional request a TTL, and of nothing else', async () => {
    const { client, registry, time, asked } = world()
    await client.prefetch(['a', 'b'])
    const changes: unknown[] = []
    const stop = client.watch(['a', 'b'], (change) => changes.push(change))
    await quiet()
    asked()
    await time.pass(MINUTE)
    expect(changes).toEqual([])
    registry.prompts.set('a', { content: 'A2', version: 'v2' })
    registry.prompts.set('b', { content: 'B', refused: 'revoked' })
    await time.pass(MINUTE)
    expect(changes).toMatchObject([
      { reference: 'a', resolution: { text: 'A2', version: 'v2' } },
      { reference: 'b', error: { code: 'revoked' } },
    ])
    expect(registry.sent).toEqual(['a', 'b', 'a'])
    expect(asked()).toEqual(['POST /resolve a b', 'POST /resolve a b'])
    stop()
    await time.pass(10 * MINUTE)
    expect(asked()).toEqual([])
  })
})

test('a prompt that left its branch is reported once', async () => {
  const { client, time, events } = world({ a: { content: 'A', archived: true } })
  await client.get('a')
  await time.pass(MINUTE)
  await client.get('a')
  await quiet()
  expect(events).toEqual([{ type: 'archived', reference: 'a', mode: undefined }])
})
