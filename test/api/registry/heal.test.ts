import { describe, expect, test } from 'vitest'
import type { HealOperation, RegistryApi } from '../../../api/contract/registry-api.ts'
import { makeRegistry, pushText, read, release, type TestRegistry } from '../../support/registry.ts'

type Wanted = Pick<HealOperation, 'stable' | 'latest'>

/** The result of a source's heal operation, or its error code. */
async function heal(api: RegistryApi, wanted: Wanted) {
  const { outcomes } = await api.batch({
    operations: [{ op: 'heal', prompt_id: 'p', source: 'git', ...wanted }],
  })
  const [answer] = outcomes
  return answer?.ok === true ? answer.result : answer?.code
}

const identityOf = async (api: RegistryApi, pin: string) =>
  (await api.resolve(`p@${pin}`, { mode: 'dev' })).identity

/** The reference of a source to the version of a release. */
async function stableAt(api: RegistryApi, of: string) {
  const { version, identity } = await api.resolve(`p@${of}`, { mode: 'dev' })
  return { stable: { version, identity, release: of } }
}

/** Releases 1.0.0 and 1.1.0 from git, and then a version promoted by hand. */
async function drifted(): Promise<TestRegistry & { readonly hand: string }> {
  const registry = makeRegistry()
  const { writer, admin } = registry
  await release(writer, 'p', '1.0.0', 'one')
  await release(writer, 'p', '1.1.0', 'two')
  const { version: hand } = await admin.push({ prompt_id: 'p', content: 'by hand', override: true })
  await admin.promote('p', { version: hand, override: true })
  await admin.unhold('p', {})
  return { ...registry, hand }
}

describe('healing', () => {
  test('makes the version of the newest release stable again, with its own event', async () => {
    const { writer, hand } = await drifted()
    const wanted = await stableAt(writer, '1.1.0')
    expect(await heal(writer, wanted)).toMatchObject({ stable: wanted.stable.version, changed: true })
    expect(await read(writer, 'p')).toBe('two')
    const [event] = (await writer.events('p')).events
    expect(event).toMatchObject({
      type: 'healed',
      from: hand,
      to: wanted.stable.version,
      details: { what: 'stable' },
    })
    expect(await heal(writer, wanted)).toMatchObject({ changed: false })
    expect((await writer.events('p')).events[0]).toEqual(event)
  })

  test('moves latest back, and does not change stable', async () => {
    const { writer, hand } = await drifted()
    const version = (await writer.resolve('p@1.1.0')).version
    const latest = { version, identity: await identityOf(writer, '1.1.0') }
    expect(await heal(writer, { latest })).toMatchObject({ latest: version, stable: hand, changed: true })
    expect(await read(writer, 'p')).toBe('by hand')
    expect(await read(writer, 'p', 'dev')).toBe('two')
  })

  test.each<[string, (registry: TestRegistry) => Promise<unknown>, string]>([
    ['was revoked', ({ admin }) => admin.revoke('p', { version: '1.1.0', reason: 'leak' }), 'revoked'],
    [
      'was revoked as one file',
      ({ admin }) => admin.revoke('p', { version: '1.1.0', reason: 'leak', scope: 'version' }),
      'revoked',
    ],
    ['belongs to a prompt that is frozen by now', ({ writer }) => writer.hold('p', {}), 'held'],
  ])('never restores a version that %s', async (_what, happens, code) => {
    const registry = await drifted()
    const wanted = await stableAt(registry.writer, '1.1.0')
    await happens(registry)
    const before = (await registry.writer.resolve('p')).version
    expect(await heal(registry.writer, wanted)).toBe(code)
    expect((await registry.writer.resolve('p')).version).toBe(before)
  })

  test('never restores a rolled-back version, even once the hold is lifted', async () => {
    const { writer, admin } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    await release(writer, 'p', '1.1.0', 'bad')
    await writer.rollback('p', { version: '1.0.0' })
    const wanted = await stableAt(writer, '1.1.0')
    expect(await heal(writer, wanted)).toBe('held')
    await admin.unhold('p', {})
    expect(await heal(writer, wanted)).toBe('held')
    expect(await read(writer, 'p')).toBe('one')
  })

  test.each<[string, (registry: TestRegistry) => Promise<Wanted>, string]>([
    [
      'a draft',
      async ({ writer }) => {
        const version = await pushText(writer, 'p', 'a draft', 'git')
        const identity = await identityOf(writer, version)
        return { stable: { version, identity, release: '1.1.0' } }
      },
      'not_newer',
    ],
    [
      'a version under the release of another one',
      async ({ writer }) => {
        const { stable } = await stableAt(writer, '1.0.0')
        return { stable: { ...stable, release: '1.1.0' } }
      },
      'not_newer',
    ],
    [
      'another version than the identity has',
      async ({ writer }) => {
        const { stable } = await stableAt(writer, '1.1.0')
        return { stable: { ...stable, identity: await identityOf(writer, '1.0.0') } }
      },
      'label_taken',
    ],
    [
      'a version that is not there',
      async () => ({ latest: { version: 'nosuch', identity: '0'.repeat(64) } }),
      'not_found',
    ],
  ])('refuses %s', async (_what, wantedOf, code) => {
    const registry = await drifted()
    expect(await heal(registry.writer, await wantedOf(registry))).toBe(code)
    expect(await read(registry.writer, 'p')).toBe('by hand')
  })

  test('is only for the owner of the prompt', async () => {
    const { writer, as } = await drifted()
    const wanted = await stableAt(writer, '1.1.0')
    const other = as({ sources: ['other'] })
    const operation = { op: 'heal', prompt_id: 'p', source: 'other', ...wanted } as const
    expect((await other.batch({ operations: [operation] })).outcomes).toMatchObject([{ code: 'not_owner' }])
    expect(await heal(other, wanted)).toBe('forbidden')
    expect(await read(writer, 'p')).toBe('by hand')
  })
})
