import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

describe('a rollback', () => {
  test('returns to the previous stable version in one step, and holds the prompt', async () => {
    const { admin, writer } = makeRegistry()
    const one = await release(admin, 'p', '1.0.0', 'one')
    const two = await release(admin, 'p', '2.0.0', 'two')
    const answer = await writer.rollback('p', { reason: 'it swears' })
    expect(answer).toMatchObject({ version: one, release: '1.0.0', status: 'stable', changed: true })
    expect(answer).toMatchObject({ previous: two, previous_release: '2.0.0' })
    expect(answer.hold).toMatchObject({
      kind: 'until_release',
      actor: 'will',
      reason: 'it swears',
      rolled_back_from: two,
    })
    expect(await read(admin, 'p')).toBe('one')
    expect((await admin.resolve('p@2.0.0')).status).toBe('deprecated')
    expect((await admin.list()).prompts[0]?.highest_release).toBe('2.0.0')
    expect((await admin.events('p')).events.slice(0, 2)).toMatchObject([
      { type: 'held' },
      { type: 'rolled_back', from: two, to: one },
    ])
  })

  test('follows promotions, not rollbacks', async () => {
    const { admin } = makeRegistry()
    const [a, b, c] = [
      await release(admin, 'p', '1.0.0', 'a'),
      await release(admin, 'p', '2.0.0', 'b'),
      await release(admin, 'p', '3.0.0', 'c'),
    ]
    expect((await admin.rollback('p', {})).version).toBe(b)
    expect((await admin.rollback('p', {})).version).toBe(a)
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
    await admin.rollback('p', { version: c })
    expect((await admin.rollback('p', {})).version).toBe(b)
  })

  test('takes one that was rolled back from if there is no other', async () => {
    const { admin } = makeRegistry()
    const a = await release(admin, 'p', '1.0.0', 'a')
    const b = await release(admin, 'p', '2.0.0', 'b')
    const c = await release(admin, 'p', '3.0.0', 'c')
    await admin.rollback('p', { version: a })
    await admin.rollback('p', { version: b })
    await admin.rollback('p', { version: a })
    await admin.promote('p', { version: c, override: true })
    await admin.revoke('p', { version: a })
    expect((await admin.revoke('p', { version: c })).stable).toBe(b)
  })

  test('skips revoked versions', async () => {
    const { admin } = makeRegistry()
    const a = await release(admin, 'p', '1.0.0', 'a')
    const b = await release(admin, 'p', '2.0.0', 'b')
    await release(admin, 'p', '3.0.0', 'c')
    await admin.revoke('p', { version: b })
    expect((await admin.rollback('p', {})).version).toBe(a)
  })

  test('goes to the next lower release if nothing was stable before', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '3.0.0', 'three')
    for (const version of ['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1']) {
      const label = await pushText(admin, 'p', `text of ${version}`, 'git')
      await admin.addAlias('p', { alias: version, version: label, source: 'git' })
    }
    await admin.rollback('p', {})
    expect(await read(admin, 'p')).toBe('text of 1.10.0')
    await admin.rollback('p', {})
    expect(await read(admin, 'p')).toBe('text of 1.9.0')
    await admin.rollback('p', {})
    expect(await read(admin, 'p')).toBe('text of 1.0.0')
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
  })

  test('never goes up, also where releases are labels', async () => {
    const { admin } = makeRegistry()
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
      await admin.push({ prompt_id: 'p', content: version, version })
      await admin.promote('p', { version })
    }
    await admin.rollback('p', { version: '1.0.0' })
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
    expect(await read(admin, 'p')).toBe('1.0.0')
  })

  test('does not take another build of the same release for a lower one', async () => {
    const { admin } = makeRegistry()
    for (const version of ['1.0.0+a', '1.0.0+b']) {
      await admin.push({ prompt_id: 'p', content: version, version })
      await admin.promote('p', { version })
    }
    await admin.rollback('p', {})
    expect(await read(admin, 'p')).toBe('1.0.0+a')
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
  })

  test('does not take a draft or a pre-release for somewhere to go', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'draft', version: '0.9.0' })
    await release(admin, 'p', '1.0.0')
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
  })

  test('goes to a released version that it names', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'one')
    await release(admin, 'p', '2.0.0', 'two')
    await release(admin, 'p', '3.0.0', 'three')
    await admin.rollback('p', { version: 'v1' })
    expect(await read(admin, 'p')).toBe('one')
  })

  test.each([
    ['draft', 'not_released'],
    ['revoked', 'revoked'],
    ['absent', 'not_found'],
    ['a b', 'invalid_version'],
  ])('to a version that is %s is refused', async (version, code) => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'gone', version: 'revoked' })
    await admin.revoke('p', { version: 'revoked' })
    await release(admin, 'p', '1.0.0')
    await admin.push({ prompt_id: 'p', content: 'draft', version: 'draft', override: true })
    expect(await outcome(admin.rollback('p', { version }))).toBe(code)
    expect(await read(admin, 'p')).toBe('text of 1.0.0')
  })

  test('of a prompt that was never released is refused', async () => {
    const { admin } = makeRegistry()
    await pushText(admin, 'p', 'draft')
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
    expect(await outcome(admin.rollback('q', {}))).toBe('not_found')
  })

  test('to the version that is stable changes nothing and sets no hold', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await admin.rollback('p', { version: '1.0.0' })).toMatchObject({ changed: false, hold: null })
  })

  test('on an older revision is refused', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await release(admin, 'p', '2.0.0')
    expect(await outcome(admin.rollback('p', { expected_revision: 1 }))).toBe('revision_conflict')
  })

  test.each([
    ['none', 'until_release', 'until_release'],
    ['none', 'until_lifted', 'until_lifted'],
    ['none', 'none', undefined],
    ['until_lifted', 'until_release', 'until_lifted'],
    ['until_lifted', 'none', 'until_lifted'],
    ['until_release', 'until_lifted', 'until_lifted'],
    ['until_release', 'none', 'until_release'],
  ] as const)('of a prompt with hold %s that requests %s leaves %s', async (before, asked, after) => {
    const { admin } = makeRegistry()
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) await release(admin, 'p', version)
    if (before === 'until_lifted') await admin.hold('p', {})
    if (before === 'until_release') await admin.rollback('p', {})
    const answer = await admin.rollback('p', { hold: asked })
    expect(answer.hold?.kind).toBe(after)
  })

  test('restores a stable version, if the request names one', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'old', version: '0.9.0' })
    await release(admin, 'p', '1.0.0', 'bad')
    await admin.revoke('p', { version: '1.0.0' })
    expect(await outcome(admin.rollback('p', {}))).toBe('nothing_to_roll_back_to')
    await admin.addAlias('p', { alias: 'kept', version: '0.9.0', source: 'git' })
    await admin.rollback('p', { version: 'kept' })
    expect(await read(admin, 'p')).toBe('old')
    await expect(release(admin, 'p', 'nightly')).rejects.toThrow(/^(?!.*undefined)/s)
  })
})
