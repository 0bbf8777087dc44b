import { describe, expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

async function take(api: RegistryApi, holder: string): Promise<number> {
  return (await api.lease('git', { holder, ttl_seconds: 30 })).lease?.token ?? 0
}

/** Every kind of write of a source, with one token. */
function writes(api: RegistryApi, version: string, lease_token?: number) {
  const token = lease_token === undefined ? {} : { lease_token }
  const origin = { source: 'git' }
  return {
    push: () => api.push({ prompt_id: 'p', content: `late ${lease_token}`, origin, ...token }),
    pushNew: () => api.push({ prompt_id: 'new', content: 'late', origin, ...token }),
    alias: () => api.addAlias('p', { alias: `late-${lease_token}`, version, source: 'git', ...token }),
    promote: () => api.promote('p', { version, alias: '9.0.0', source: 'git', ...token }),
    record: () => api.recordSource('git', { expected_revision: 0, state: {}, ...token }),
  }
}

async function outcomes(calls: ReturnType<typeof writes>): Promise<Set<string>> {
  const codes = new Set<string>()
  for (const call of Object.values(calls)) codes.add(await outcome(call()))
  return codes
}

describe("a source's writes", () => {
  test('succeed with the token of its lease', async () => {
    const { admin } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0')
    const token = await take(admin, 'a')
    expect(await outcomes(writes(admin, label, token))).toEqual(new Set(['done']))
  })

  test('succeed without a token while nobody holds the lease', async () => {
    const { admin } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0')
    expect(await outcomes(writes(admin, label))).toEqual(new Set(['done']))
  })

  test('without a token are refused while somebody holds the lease', async () => {
    const { admin } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0')
    await take(admin, 'a')
    expect(await outcomes(writes(admin, label))).toEqual(new Set(['lease_held']))
  })

  test('change nothing once the lease expired, even if nobody took it', async () => {
    const { admin, clock } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0')
    const token = await take(admin, 'a')
    clock.now += 30_000
    const before = await admin.events('p')
    expect(await outcomes(writes(admin, label, token))).toEqual(new Set(['lease_lost']))
    expect(await admin.events('p')).toEqual(before)
  })

  test('change nothing once another writer has the lease, even before it wrote to the prompt', async () => {
    const { admin, clock } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0')
    const old = await take(admin, 'a')
    clock.now += 30_000
    const current = await take(admin, 'b')
    expect(await outcomes(writes(admin, label, old))).toEqual(new Set(['lease_lost']))
    expect(await read(admin, 'p', 'dev')).toBe('text of 1.0.0')
    expect(await outcomes(writes(admin, label, current))).toEqual(new Set(['done']))
  })

  test('with a token that was never issued are refused', async () => {
    const { admin } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0')
    expect(await outcomes(writes(admin, label, 0))).toEqual(new Set(['lease_lost']))
    await take(admin, 'a')
    expect(await outcomes(writes(admin, label, 7))).toEqual(new Set(['lease_lost']))
  })

  test('of a person need no lease', async () => {
    const { admin } = makeRegistry()
    await take(admin, 'a')
    const label = await pushText(admin, 'hand', 'text')
    expect(await outcome(admin.promote('hand', { version: label }))).toBe('done')
    expect(await outcome(admin.hold('hand', {}))).toBe('done')
  })

  test('are checked against the current lease, however long ago the caller was bound', async () => {
    const { admin } = makeRegistry()
    for (const holder of ['a', 'b', 'c']) {
      const token = await take(admin, holder)
      const push = { prompt_id: 'p', content: holder, origin: { source: 'git' } }
      expect(await outcome(admin.push(push))).toBe('lease_held')
      expect(await outcome(admin.push({ ...push, lease_token: token }))).toBe('done')
      await admin.lease('git', { holder, token, release: true })
      expect(await outcome(admin.push({ ...push, lease_token: token }))).toBe('lease_lost')
    }
  })
})

/** A store whose next lookup blocks until it is released, like a process that is suspended. */
function stalling() {
  const entered = Promise.withResolvers<void>()
  const woken = Promise.withResolvers<void>()
  let armed = false
  return {
    arm() {
      armed = true
    },
    entered: entered.promise,
    wake: () => woken.resolve(),
    between: (prompts: PromptStore): PromptStore => ({
      ...prompts,
      async find(id, query) {
        const found = await prompts.find(id, query)
        if (!armed) return found
        armed = false
        entered.resolve()
        await woken.promise
        return found
      },
    }),
  }
}

describe('a writer that stalls in the middle of a write', () => {
  for (const takenOver of [true, false]) {
    const when = takenOver ? 'another took the lease over' : 'its lease ran out'

    test(`changes nothing when it wakes up after ${when}`, async () => {
      const stall = stalling()
      const { admin, clock } = makeRegistry({ between: stall.between })
      const label = await release(admin, 'p', '1.0.0')
      const next = await pushText(admin, 'p', 'next', 'git')
      const token = await take(admin, 'a')
      const before = await admin.events('p')
      stall.arm()
      const late = outcome(
        admin.promote('p', { version: next, alias: '2.0.0', source: 'git', lease_token: token }),
      )
      await stall.entered
      clock.now += 60_000
      if (takenOver) await take(admin, 'b')
      stall.wake()
      expect(await late).toBe('lease_lost')
      expect(await admin.events('p')).toEqual(before)
      expect((await admin.resolve('p')).version).toBe(label)
    })

    test(`changes nothing in the rest of its batch when it wakes up after ${when}`, async () => {
      const stall = stalling()
      const { admin, clock } = makeRegistry({ between: stall.between })
      const token = await take(admin, 'a')
      const fields = { origin: { source: 'git' }, lease_token: token }
      const operations = ['p', 'q', 'r', 'p'].map((prompt_id, index) => ({
        op: 'push' as const,
        prompt_id,
        content: `text ${index}`,
        ...fields,
      }))
      stall.arm()
      const batch = admin.batch({ operations })
      await stall.entered
      clock.now += 60_000
      if (takenOver) await take(admin, 'b')
      stall.wake()
      const { outcomes } = await batch
      expect(outcomes[0]).toMatchObject({ ok: false, code: 'lease_lost' })
      expect(outcomes[3]).toMatchObject({ ok: false, code: 'lease_lost' })
      expect(await read(admin, 'p', 'dev')).toBe('not_found')
    })
  }

  test('changes nothing if it waited for other writers of the same prompt', async () => {
    const stall = stalling()
    const { admin, clock } = makeRegistry({ between: stall.between })
    const label = await release(admin, 'p', '1.0.0')
    const token = await take(admin, 'a')
    stall.arm()
    const slow = outcome(admin.revoke('p', { version: label }))
    await stall.entered
    const late = outcome(
      admin.push({ prompt_id: 'p', content: 'late', origin: { source: 'git' }, lease_token: token }),
    )
    clock.now += 60_000
    stall.wake()
    expect(await slow).toBe('done')
    expect(await late).toBe('lease_lost')
  })
})
