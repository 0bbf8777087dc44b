import { describe, expect, test } from 'vitest'
import type { BatchOperation, RegistryApi } from '../../../api/contract/registry-api.ts'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

type Removal = Extract<BatchOperation, { op: 'archive' | 'retire' }>

/** The result of one operation, or its error code. */
async function remove(api: RegistryApi, operation: Removal): Promise<unknown> {
  const { outcomes } = await api.batch({ operations: [operation] })
  const [answer] = outcomes
  return answer?.ok === true ? answer.result : answer?.code
}

const archive = (archived = true): Removal => ({ op: 'archive', prompt_id: 'p', archived, source: 'git' })
const retire = (at: string): Removal => ({ op: 'retire', prompt_id: 'p', release: at, source: 'git' })

async function row(api: RegistryApi) {
  return (await api.list()).prompts[0]
}

describe('an archived prompt', () => {
  test('is listed as archived, still served, and can be released', async () => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    expect((await row(writer))?.archived).toBe(false)
    expect(await remove(writer, archive())).toEqual({
      prompt_id: 'p',
      archived: true,
      changed: true,
      applied: true,
      revision: 5,
    })
    expect(await remove(writer, archive())).toMatchObject({ changed: false, revision: 5 })
    expect(await row(writer)).toMatchObject({ archived: true, stable: expect.any(String) })
    expect(await read(writer, 'p')).toBe('one')
    await writer.hold('p', {})
    expect(await remove(writer, archive(false))).toMatchObject({ archived: false, changed: true })
    const types = (await writer.events('p')).events.map(({ type }) => type)
    expect(types.slice(0, 3)).toEqual(['unarchived', 'held', 'archived'])
  })

  test('is unarchived once its content is the latest again, whether new or existing', async () => {
    const { writer } = makeRegistry()
    await pushText(writer, 'p', 'one', 'git')
    await remove(writer, archive())
    await writer.push({ prompt_id: 'p', content: 'older', origin: { source: 'git' }, latest: false })
    expect((await row(writer))?.archived).toBe(true)
    await pushText(writer, 'p', 'one', 'git')
    expect((await row(writer))?.archived).toBe(false)
    await remove(writer, archive())
    await pushText(writer, 'p', 'two', 'git')
    expect((await row(writer))?.archived).toBe(false)
  })
})

describe('a prompt that moved', () => {
  const moved = (moved_to: string): Removal => {
    return { op: 'archive', prompt_id: 'p', archived: true, moved_to, source: 'git' }
  }

  test('shows where it moved in its row, its answers and its events until it comes back', async () => {
    const { writer, as } = makeRegistry()
    const reader = as({ access: 'read' })
    await release(writer, 'p', '1.0.0', 'one')
    await release(writer, 'q', '1.0.0', 'one')
    expect(await reader.resolve('p')).toMatchObject({ archived: false, moved_to: null })
    expect(await remove(writer, moved('q'))).toMatchObject({ archived: true, changed: true })
    expect(await remove(writer, moved('q'))).toMatchObject({ changed: false, applied: false })
    expect(await row(writer)).toMatchObject({ archived: true, moved_to: 'q' })
    expect(await reader.resolve('p')).toMatchObject({ archived: true, moved_to: 'q' })
    expect((await reader.resolveMany({ references: ['p@1.0.0'] })).results).toMatchObject([
      { prompt: { moved_to: 'q' } },
    ])
    const found = await reader.lookup({ prompts: [{ prompt_id: 'p' }] })
    expect(found.prompts[0]?.prompt).toMatchObject({ moved_to: 'q' })
    expect((await reader.events('p')).events[0]).toMatchObject({
      type: 'archived',
      details: { moved_to: 'q' },
    })
    await pushText(writer, 'p', 'one', 'git')
    expect(await row(writer)).toMatchObject({ archived: false, moved_to: null })
  })

  test('keeps its target if it is archived again without one, and takes a new one', async () => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    await remove(writer, moved('q'))
    expect(await remove(writer, archive())).toMatchObject({ changed: false })
    expect(await row(writer)).toMatchObject({ moved_to: 'q' })
    expect(await remove(writer, moved('r'))).toMatchObject({ archived: true, changed: true })
    expect(await row(writer)).toMatchObject({ moved_to: 'r' })
    await remove(writer, archive(false))
    await remove(writer, archive())
    expect(await row(writer)).toMatchObject({ archived: true, moved_to: null })
  })

  test('cannot move to itself, nor to an id that no prompt can have', async () => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    expect(await remove(writer, moved('P'))).toBe('invalid_request')
    expect(await remove(writer, moved('a b/../c'))).toBe('invalid_prompt_id')
    expect(await row(writer)).toMatchObject({ archived: false, moved_to: null })
  })
})

describe('a retired prompt', () => {
  test('has no stable version from that release on, but its pins still work', async () => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    expect(await remove(writer, retire('2.0.0'))).toMatchObject({ release: '2.0.0', changed: true })
    expect(await remove(writer, retire('2.0.0'))).toMatchObject({ changed: false })
    expect(await outcome(writer.resolve('p', { mode: 'production' }))).toBe('not_released')
    await expect(writer.resolve('p', { mode: 'production' })).rejects.toThrow(
      'release 2.0.0 no longer has it',
    )
    expect(await read(writer, 'p@1.0.0')).toBe('one')
    expect(await row(writer)).toMatchObject({ stable: null, retired: '2.0.0', highest_release: '2.0.0' })
    const [version] = (await writer.versions('p')).versions
    expect(version?.status).toBe('deprecated')
    expect((await writer.events('p')).events[0]).toMatchObject({
      type: 'retired',
      from: version?.version,
      to: null,
      details: { release: '2.0.0' },
    })
  })

  test('comes back with a higher release only, or by a person', async () => {
    const { writer, admin } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    await remove(writer, retire('2.0.0'))
    expect(await outcome(release(writer, 'p', '1.5.0', 'late'))).toBe('not_newer')
    await release(writer, 'p', '2.1.0', 'two')
    expect(await read(writer, 'p')).toBe('two')
    expect((await row(writer))?.retired).toBeNull()
    await remove(writer, retire('3.0.0'))
    await admin.rollback('p', { version: '1.0.0' })
    expect(await read(writer, 'p')).toBe('one')
    expect((await row(writer))?.retired).toBeNull()
  })

  test('goes along the release line only', async () => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '2.0.0', 'one')
    expect(await remove(writer, retire('2.0.0'))).toBe('not_newer')
    expect(await remove(writer, retire('1.9.0'))).toBe('not_newer')
    expect(await remove(writer, retire('soon'))).toBe('invalid_version')
    expect(await read(writer, 'p')).toBe('one')
  })

  test('is not one while it is held, be it by a freeze or by a rollback', async () => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    await release(writer, 'p', '1.1.0', 'two')
    await writer.rollback('p', {})
    expect(await remove(writer, retire('2.0.0'))).toBe('held')
    await writer.hold('p', {})
    expect(await remove(writer, retire('2.0.0'))).toBe('held')
    await writer.unhold('p', {})
    expect(await remove(writer, retire('2.0.0'))).toMatchObject({ changed: true })
  })

  test('stays one that was never released', async () => {
    const { writer } = makeRegistry()
    await pushText(writer, 'p', 'one', 'git')
    expect(await remove(writer, retire('1.0.0'))).toMatchObject({ changed: false, previous: null })
    expect((await row(writer))?.highest_release).toBeNull()
  })
})

describe('archiving and retiring', () => {
  test.each<Removal>([
    { ...archive(), source: 'other' },
    { ...retire('2.0.0'), source: 'other' },
    { op: 'archive', prompt_id: 'p', archived: true },
    { op: 'retire', prompt_id: 'p', release: '2.0.0' },
  ])('is for the owner: %j', async (operation) => {
    const { writer } = makeRegistry()
    await release(writer, 'p', '1.0.0', 'one')
    expect(await remove(writer, operation)).toBe('not_owner')
  })

  test('does not change the owner', async () => {
    const { writer } = makeRegistry()
    await pushText(writer, 'p', 'one')
    expect(await remove(writer, archive())).toBe('not_owner')
    expect((await row(writer))?.source).toBeNull()
    expect(await remove(writer, { op: 'archive', prompt_id: 'p', archived: true })).toMatchObject({
      changed: true,
    })
  })

  test("is refused for another source's credential, a late writer, and a missing prompt", async () => {
    const { writer, as } = makeRegistry()
    expect(await remove(writer, archive())).toBe('not_found')
    await release(writer, 'p', '1.0.0', 'one')
    expect(await remove(as({ sources: ['other'] }), archive())).toBe('forbidden')
    await writer.lease('git', { holder: 'somebody' })
    expect(await remove(writer, retire('2.0.0'))).toBe('lease_held')
    expect(await remove(writer, { ...archive(), lease_token: 99 })).toBe('lease_lost')
  })
})
