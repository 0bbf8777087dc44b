import { describe, expect, it, vi } from 'vitest'
import type { BatchOperation, RegistryApi } from '../../../api/contract/registry-api.ts'
import type { AtomicChange } from '../../../api/store/atomic-change.ts'
import { makeRegistry, outcome, read, type TestRegistryOptions } from '../../support/registry.ts'
import { databaseFile } from '../../support/registry-processes.ts'
import { leased, passAt, readMany, SOURCE, withSet } from '../../support/sets.ts'

/** A source at release 2.0.0, with the sets of 1.0.0 and 2.0.0. */
async function atTwo(options: TestRegistryOptions = {}) {
  const registry = await withSet(options)
  const two = await passAt(registry.writer, '2.0.0', { a: 'a 2', b: 'b 2', c: 'c 2' })
  return { ...registry, one: registry.set, two }
}

/** Rolls the prompts back under the lease, as `promptctl rollback --source` does. */
async function settle(api: RegistryApi, lease_token: number): Promise<readonly string[]> {
  const { set } = await api.currentSet(SOURCE)
  const { members } = await api.releaseSet(set)
  const { prompts } = await api.list({ source: SOURCE })
  const operations = prompts.map(
    ({ prompt_id, revision }): BatchOperation => ({
      ...{ op: 'settle', prompt_id, identity: members[prompt_id] ?? null, expected_revision: revision },
      ...{ source: SOURCE, lease_token },
    }),
  )
  const { outcomes } = await api.batch({ operations })
  return outcomes.map((one) => (one.ok ? 'done' : one.code))
}

const ALL = ['a', 'b', 'c']

describe('a rollback of a source', () => {
  it('answers batches from the earlier set at once, and the prompts follow under the lease', async () => {
    const { writer, one } = await atTwo()
    expect(await writer.rollbackSource(SOURCE, { reason: 'worse' })).toMatchObject({
      ...{ set: one, target: one, release: 'v1.0.0', changed: true, settling: true },
      ...{ added: 0, removed: 1, replaced: 2, hold: { above: '2.0.0', reason: 'worse' } },
    })
    expect(await readMany(writer, ALL)).toEqual(['a 1', 'b 1', 'not_in_set'])
    expect(await read(writer, 'a')).toBe('a 2')
    const lease_token = await leased(writer)
    expect(await settle(writer, lease_token)).toEqual(['done', 'done', 'done'])
    await writer.moveSet(SOURCE, { settled: true, lease_token })
    expect([await read(writer, 'a'), await read(writer, 'b'), await read(writer, 'c')]).toEqual([
      ...['a 1', 'b 1', 'not_released'],
    ])
    expect(await writer.currentSet(SOURCE)).toMatchObject({
      ...{ set: one, settling: false, release: 'v1.0.0', act: 'rollback_source', reason: 'worse' },
    })
    const { events } = await writer.events('a')
    expect(events[0]).toMatchObject({ type: 'rolled_back' })
  })

  it('shows in answers outside of sets that their prompts still follow', async () => {
    const { writer } = await atTwo()
    await writer.push({ prompt_id: 'of-nobody', content: 'text', version: '1.0.0' })
    await writer.promote('of-nobody', { version: '1.0.0' })
    const settlingIn = async (references: string[], more: { mode?: string; sets?: boolean }) => {
      const { results } = await writer.resolveMany({ references, ...more })
      return results.map((result) => 'prompt' in result && result.prompt.settling === true)
    }
    expect((await writer.resolve('a')).settling).toBeUndefined()
    await writer.rollbackSource(SOURCE, {})
    expect((await writer.resolve('a')).settling).toBe(true)
    expect((await writer.resolve('a', { mode: 'staging' })).settling).toBe(true)
    expect(await settlingIn(['a', 'b', 'a@2.0.0', 'of-nobody'], { sets: false })).toEqual([
      ...[true, true, false, false],
    ])
    expect(await settlingIn(['a', 'b'], {})).toEqual([false, false])
    expect((await writer.resolve('a@2.0.0')).settling).toBeUndefined()
    expect((await writer.resolve('a', { version: '2.0.0' })).settling).toBeUndefined()
    expect((await writer.resolve('a', { mode: 'dev' })).settling).toBeUndefined()
    expect((await writer.resolve('of-nobody')).settling).toBeUndefined()
    const lease_token = await leased(writer)
    await settle(writer, lease_token)
    expect((await writer.resolve('a')).settling).toBe(true)
    await writer.moveSet(SOURCE, { settled: true, lease_token })
    expect((await writer.resolve('a')).settling).toBeUndefined()
  })

  it('reads the pointer of a source once for a batch outside of sets', async () => {
    const { writer, sets } = await atTwo()
    const read = vi.spyOn(sets, 'pointer')
    await writer.resolveMany({ references: ['a', 'b', 'c'], sets: false })
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('moves nothing as a dry run, or if the set moved since the caller looked', async () => {
    const { writer, two } = await atTwo()
    const { sequence } = await writer.currentSet(SOURCE)
    expect(await writer.rollbackSource(SOURCE, { dry_run: true })).toMatchObject({ changed: true })
    const stale = writer.rollbackSource(SOURCE, { expected_sequence: sequence - 1 })
    expect(await outcome(stale)).toBe('revision_conflict')
    expect((await writer.currentSet(SOURCE)).set).toBe(two)
  })

  it('goes back no further if it is repeated while the source settles', async () => {
    const { writer, one } = await atTwo()
    await passAt(writer, '3.0.0', { a: 'a 3' })
    const { set } = await writer.rollbackSource(SOURCE, {})
    expect(await writer.rollbackSource(SOURCE, {})).toMatchObject({ set, changed: false, settling: true })
    expect((await writer.rollbackSource(SOURCE, { to: 'v1.0.0' })).set).toBe(one)
  })

  it('keeps its prompts from another source until they follow', async () => {
    const { writer, admin } = await atTwo()
    await writer.rollbackSource(SOURCE, {})
    const transfer = () => admin.transfer('a', { source: 'other', create: true })
    await expect(transfer()).rejects.toMatchObject({
      code: 'settling',
      message: expect.stringContaining('its prompt "a" does not serve that set yet'),
    })
    await settle(writer, await leased(writer))
    expect(await transfer()).toMatchObject({ changed: true })
    expect(await read(writer, 'a')).toBe('a 1')
  })

  it('takes a prompt of another source while it settles', async () => {
    const { writer, admin } = await atTwo()
    await passAt(writer, '1.0.0', { z: 'z 1' }, 'other')
    await writer.rollbackSource(SOURCE, {})
    expect(await admin.transfer('z', { source: SOURCE })).toMatchObject({ changed: true })
    expect(await readMany(writer, ['a', 'z'])).toEqual(['a 1', 'z 1'])
  })

  it('does not end for a caller who looked before it moved', async () => {
    const { writer } = await atTwo()
    await passAt(writer, '3.0.0', { a: 'a 3' })
    await writer.rollbackSource(SOURCE, {})
    const lease_token = await leased(writer)
    await settle(writer, lease_token)
    const { sequence } = await writer.currentSet(SOURCE)
    await writer.rollbackSource(SOURCE, { to: 'v1.0.0' })
    const ended = { settled: true, lease_token, expected_sequence: sequence }
    expect(await outcome(writer.moveSet(SOURCE, ended))).toBe('revision_conflict')
    expect(await writer.currentSet(SOURCE)).toMatchObject({ settling: true, release: 'v1.0.0' })
  })

  it('replaces a set that the store lost', async () => {
    const file = await databaseFile()
    const { sets, two, one, close } = await atTwo({ file })
    const stored = await sets.stored(SOURCE, { limit: 10 })
    for (const set of stored.items) if (set.digest === two) await sets.remove(set)
    expect(await sets.get(two)).toBeUndefined()
    close()
    const { admin } = makeRegistry({ file, name: 'later' })
    expect(await admin.rollbackSource(SOURCE, {})).toMatchObject({ set: one, changed: true })
  })

  it('names the releases of the sets that are there if it has no such set', async () => {
    const { writer } = await atTwo()
    const missing = writer.rollbackSource(SOURCE, { to: 'v9.0.0' })
    await expect(missing).rejects.toMatchObject({
      ...{ code: 'no_set', details: { releases: ['v2.0.0', 'v1.0.0'] } },
      message: expect.stringContaining('v2.0.0, v1.0.0'),
    })
    expect(await outcome(writer.rollbackSource('other', {}))).toBe('no_set')
  })

  it('needs write access to the source and to each prompt that goes back', async () => {
    const registry = await atTwo()
    const stranger = registry.as({ sources: ['other'] })
    expect(await outcome(stranger.rollbackSource(SOURCE, {}))).toBe('forbidden')
    const narrow = registry.as({ prefixes: ['a'] })
    expect(await outcome(narrow.rollbackSource(SOURCE, {}))).toBe('forbidden')
  })

  it('never serves what was revoked since, and keeps what replaced it', async () => {
    const { writer } = await atTwo()
    const { versions } = await writer.versions('a')
    const [, first] = versions
    await writer.revoke('a', { version: first?.version ?? '' })
    await writer.rollbackSource(SOURCE, {})
    expect(await readMany(writer, ALL)).toEqual(['a 2', 'b 1', 'not_in_set'])
  })

  it('never serves what was revoked while another source had the prompt', async () => {
    const { writer, admin } = await atTwo()
    const { versions } = await writer.versions('a')
    const [, first] = versions
    await admin.transfer('a', { source: 'other', create: true })
    await admin.revoke('a', { version: first?.version ?? '' })
    await admin.transfer('a', { source: SOURCE })
    await writer.rollbackSource(SOURCE, {})
    expect(await readMany(writer, ALL)).toEqual(['a 2', 'b 1', 'not_in_set'])
  })

  it('leaves alone a prompt that went to another source, and keeps one that came from there', async () => {
    const { writer, admin } = await atTwo()
    await passAt(writer, '1.0.0', { x: 'x 1' }, 'other')
    await admin.transfer('b', { source: 'other' })
    await admin.transfer('x', { source: SOURCE })
    await writer.rollbackSource(SOURCE, {})
    expect(await readMany(writer, ['a', 'b', 'x'])).toEqual(['a 1', 'b 2', 'x 1'])
  })
})

describe('a source that was rolled back', () => {
  const promote = async (api: RegistryApi, id: string, version: string, lease_token: number) => {
    const pushed = await api.push({
      ...{ prompt_id: id, content: `${id} ${version}`, origin: { source: SOURCE }, lease_token },
    })
    const request = { version: pushed.version, alias: version, source: SOURCE, lease_token }
    return await outcome(api.promote(id, request))
  }

  it('promotes nothing while it settles, and no pass moves its set', async () => {
    const { writer } = await atTwo()
    await writer.rollbackSource(SOURCE, {})
    const lease_token = await leased(writer)
    expect(await promote(writer, 'a', '3.0.0', lease_token)).toBe('held')
    expect(await outcome(writer.moveSet(SOURCE, { lease_token }))).toBe('settling')
    expect(await writer.source(SOURCE)).toMatchObject({ settling: true, hold: { above: '2.0.0' } })
  })

  it('holds releases up to one that a request promoted while the rollback was decided', async () => {
    let meanwhile = async () => {}
    const { writer } = await atTwo({
      between: (prompts) =>
        Object.assign(Object.create(prompts), {
          commit: async (change: AtomicChange) => {
            const isPromotion = change.events.some(({ type }) => type === 'promoted')
            if (isPromotion) await meanwhile()
            return await prompts.commit(change)
          },
        }),
    })
    const stalled = await leased(writer)
    meanwhile = async () => {
      meanwhile = async () => {}
      expect(await writer.rollbackSource(SOURCE, {})).toMatchObject({ hold: { above: '2.0.0' } })
    }
    expect(await promote(writer, 'b', '2.1.0', stalled)).toBe('done')
    const lease_token = await leased(writer)
    const raised = await writer.rollbackSource(SOURCE, { lease_token })
    expect(raised).toMatchObject({ hold: { above: '2.1.0' }, settling: true })
    await settle(writer, lease_token)
    await writer.moveSet(SOURCE, { settled: true, lease_token })
    expect(await promote(writer, 'a', '2.1.0', lease_token)).toBe('held')
    expect(await promote(writer, 'a', '2.2.0', lease_token)).toBe('done')
  })

  it('never goes back by itself to a version that a person rolled back from', async () => {
    const { writer } = await atTwo()
    const three = await passAt(writer, '3.0.0', { a: 'a 3', b: 'b 3' })
    const goTo = async (to: string) => {
      await writer.rollbackSource(SOURCE, { to })
      const lease_token = await leased(writer)
      await settle(writer, lease_token)
      await writer.moveSet(SOURCE, { settled: true, lease_token })
    }
    await goTo('v2.0.0')
    await writer.rollback('a', { reason: 'a 2 is wrong' })
    await goTo(three)
    const { stable } = await writer.resolve('a', {}).then(({ version }) => writer.revoke('a', { version }))
    expect([stable !== null, await read(writer, 'a')]).toEqual([true, 'a 1'])
  })

  it('is free again for all prompts with the set of a release above, and asks for a full pass', async () => {
    const { writer } = await atTwo()
    await writer.rollbackSource(SOURCE, {})
    const lease_token = await leased(writer)
    await settle(writer, lease_token)
    await writer.moveSet(SOURCE, { settled: true, lease_token })
    await promote(writer, 'a', '2.0.1', lease_token)
    const { attention } = await writer.source(SOURCE)
    await writer.moveSet(SOURCE, { release: 'a@1.9.0', version: '1.9.0', lease_token })
    expect((await writer.source(SOURCE)).hold).not.toBeNull()
    await writer.moveSet(SOURCE, { release: 'v2.0.1', version: '2.0.1', lease_token })
    expect(await writer.source(SOURCE)).toMatchObject({ hold: null, attention: attention + 1 })
  })

  it('keeps what people do meanwhile: the prompt is at another revision, and the set has it', async () => {
    const { writer } = await atTwo()
    await writer.rollbackSource(SOURCE, {})
    const lease_token = await leased(writer)
    const { prompts } = await writer.list({ prefix: 'a' })
    const before = prompts[0]?.revision ?? 0
    const { set } = await writer.currentSet(SOURCE)
    const { members } = await writer.releaseSet(set)
    await writer.hold('a', {})
    const late: BatchOperation = {
      ...{ op: 'settle', prompt_id: 'a', identity: members.a ?? null, expected_revision: before },
      ...{ source: SOURCE, lease_token },
    }
    const { outcomes } = await writer.batch({ operations: [late] })
    expect(outcomes[0]).toMatchObject({ ok: false, code: 'revision_conflict' })
  })
})
