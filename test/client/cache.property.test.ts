import { expect, test } from 'vitest'
import { isPromptResolutionError } from '../../client/errors.ts'
import type { PromptRegistryClient } from '../../client/node-client.ts'
import fc from '../support/fast-check.ts'
import { quiet } from '../support/virtual-time.ts'
import { CacheModel, type Held, type Result, TTL } from './cache-model.ts'
import { fakeClient } from './fake-client.ts'
import { type FakeRegistry, type Fault, fakeRegistry } from './fake-registry.ts'
import { type FakeTime, fakeTime } from './fake-time.ts'

const REFS = ['a', 'b', 'c@1'] as const
const FAULTS = ['none', 'none', 'refused', 'hangs', 500, 503, 'html', 'wrong_hash'] as const

const FIRST: Held = { text: 'first', immutable: false }

interface Real {
  readonly client: PromptRegistryClient
  readonly registry: FakeRegistry
  readonly time: FakeTime
}

type Command =
  | { readonly do: 'call'; readonly ref: string; readonly ttl: number | undefined }
  | { readonly do: 'pass' | 'jump'; readonly ms: number }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'set'; readonly ref: string; readonly held: Held }

const ref = fc.constantFrom(...REFS)
const ms = fc.constantFrom(1, 500, 999, 1000, 5000, TTL - 1, TTL, 5 * TTL, 10 * TTL)
const held = fc.oneof(
  fc.record({ text: fc.constantFrom('one', 'two', 'three'), immutable: fc.boolean() }),
  fc.record({ code: fc.constantFrom('revoked', 'not_found', 'gone') }),
)
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      ref,
      ttl: fc.constantFrom(undefined, undefined, undefined, 0, 5000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('pass' as const, 'jump' as const), ms }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...FAULTS) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), ref, held }) },
)

test('the client does what the model of its cache does, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 60, size: 'max' }), async (commands) => {
      const registry = fakeRegistry()
      const time = fakeTime()
      const client = fakeClient(registry, time)
      const model = new CacheModel()
      model.now = time.clock()
      for (const ref of REFS) await run({ do: 'set', ref, held: FIRST }, model, { client, registry, time })
      for (const one of commands) await run(one, model, { client, registry, time })
    }),
    { numRuns: 400 },
  )
})

async function run(one: Command, model: CacheModel, { client, registry, time }: Real): Promise<void> {
  switch (one.do) {
    case 'call': {
      const before = model.now
      const expected = model.call(one.ref, one.ttl)
      const given = resultOf(client.get(one.ref, one.ttl === undefined ? undefined : { ttlMs: one.ttl }))
      await time.pass(model.now - before)
      await quiet()
      expect(await Promise.race([given, 'still waits'])).toBe(expected)
      expect(registry.requests.map(referencesOf)).toEqual(model.requests)
      return
    }
    case 'pass':
      model.pass(one.ms)
      await time.pass(one.ms)
      return
    case 'jump':
      if (!model.isIdle()) return
      model.jump(one.ms)
      time.jump(one.ms)
      return
    case 'fault':
      model.fault = registry.fault = one.fault
      return
    case 'set':
      model.registry.set(one.ref, one.held)
      registry.prompts.set(
        one.ref,
        'code' in one.held
          ? { content: '-', refused: one.held.code }
          : { content: one.held.text, ...one.held },
      )
  }
}

async function resultOf(call: Promise<string>): Promise<Result> {
  try {
    return await call
  } catch (error) {
    if (isPromptResolutionError(error)) return `!${error.code}`
    throw error
  }
}

function referencesOf(request: string): string {
  return request
    .replace(/^GET \/prompts\/|^POST \/resolve /, '')
    .split(' ')
    .sort()
    .join(' ')
}
