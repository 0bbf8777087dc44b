import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

describe('a freeze', () => {
  test("blocks a source's promotion of any release, and keeps the highest release", async () => {
    const { admin, writer } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'one')
    expect(await writer.hold('p', { reason: 'audit' })).toMatchObject({
      changed: true,
      hold: { kind: 'until_lifted', actor: 'will', reason: 'audit', rolled_back_from: null },
    })
    await expect(release(admin, 'p', '2.0.0', 'two')).rejects.toMatchObject({
      code: 'held',
      details: { hold: { kind: 'until_lifted', reason: 'audit' } },
    })
    expect(await read(admin, 'p')).toBe('one')
    expect((await admin.list()).prompts[0]?.highest_release).toBe('1.0.0')
  })

  test('allows new versions, and the release once it is lifted', async () => {
    const { admin, writer } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.hold('p', {})
    await pushText(admin, 'p', 'two', 'git')
    expect(await read(admin, 'p', 'dev')).toBe('two')
    expect(await writer.unhold('p', {})).toMatchObject({ hold: null, changed: true })
    await release(admin, 'p', '2.0.0', 'two')
    expect(await read(admin, 'p')).toBe('two')
  })

  test('accepts a repeated promotion of the highest release, which changes nothing', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.hold('p', {})
    expect(await outcome(release(admin, 'p', '1.0.0'))).toBe('done')
    expect((await admin.list()).prompts[0]?.hold?.kind).toBe('until_lifted')
  })

  test('does not block a person, a rollback or a revocation', async () => {
    const { admin, writer } = makeRegistry()
    for (const content of ['one', 'two', 'three']) await pushText(admin, 'p', content)
    const [three, two, one] = (await admin.versions('p')).versions.map(({ version }) => version)
    await admin.hold('p', {})
    for (const version of [one, two, three]) {
      expect(await outcome(writer.promote('p', { version: version ?? '' }))).toBe('done')
    }
    expect(await outcome(writer.rollback('p', {}))).toBe('done')
    expect(await outcome(writer.revoke('p', { version: two ?? '' }))).toBe('done')
    expect((await admin.list()).prompts[0]?.hold?.kind).toBe('until_lifted')
  })

  test('set or lifted twice changes nothing the second time', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.hold('p', {})
    expect(await admin.hold('p', {})).toMatchObject({ changed: false })
    await admin.unhold('p', {})
    expect(await admin.unhold('p', {})).toMatchObject({ changed: false })
    expect((await admin.events('p')).events.slice(0, 2).map(({ type }) => type)).toEqual([
      'hold_lifted',
      'held',
    ])
  })

  test('of a prompt that is not there is refused', async () => {
    const { admin } = makeRegistry()
    expect(await outcome(admin.hold('p', {}))).toBe('not_found')
    expect(await outcome(admin.unhold('p', {}))).toBe('not_found')
    expect(await outcome(admin.hold('p//', {}))).toBe('invalid_prompt_id')
  })

  test('that is lifted asks the owner for a full pass, also when lifting is repeated', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect((await admin.source('git')).attention).toBe(0)
    await admin.hold('p', {})
    await admin.unhold('p', {})
    expect((await admin.source('git')).attention).toBe(1)
    await admin.unhold('p', {})
    expect((await admin.source('git')).attention).toBe(2)
  })
})

describe('the hold of a rollback', () => {
  const rolledBack = async () => {
    const registry = makeRegistry()
    await release(registry.admin, 'p', '1.0.0', 'one')
    await release(registry.admin, 'p', '2.0.0', 'two')
    await registry.admin.rollback('p', {})
    return registry.admin
  }

  test('ends with a release above the highest that has other text', async () => {
    const admin = await rolledBack()
    await release(admin, 'p', '2.0.1', 'mended')
    expect(await read(admin, 'p')).toBe('mended')
    expect((await admin.list()).prompts[0]?.hold).toBeNull()
    expect((await admin.events('p')).events.map(({ type }) => type)).toContain('hold_lifted')
  })

  test('ends with such a release also where its text is the one rolled back to', async () => {
    const admin = await rolledBack()
    await release(admin, 'p', '2.0.1', 'one')
    expect(await read(admin, 'p')).toBe('one')
    expect((await admin.list()).prompts[0]).toMatchObject({ hold: null, highest_release: '2.0.1' })
  })

  test.each([
    ['2.0.1', 'two', 'held'],
    ['1.5.0', 'other', 'not_newer'],
    ['2.0.0', 'two', 'done'],
  ])('stays with release %s of "%s": %s', async (version, content, code) => {
    const admin = await rolledBack()
    expect(await outcome(release(admin, 'p', version, content))).toBe(code)
    expect(await read(admin, 'p')).toBe('one')
    expect((await admin.list()).prompts[0]?.hold?.kind).toBe('until_release')
  })

  test('ended by a release asks its source for a full pass, because others may wait for that', async () => {
    const admin = await rolledBack()
    expect(await outcome(release(admin, 'p', '3.0.0', 'two'))).toBe('held')
    expect((await admin.source('git')).attention).toBe(0)
    await release(admin, 'p', '2.0.1', 'mended')
    expect((await admin.source('git')).attention).toBe(1)
    await release(admin, 'p', '3.0.0', 'two')
    expect((await admin.source('git')).attention).toBe(1)
    expect(await read(admin, 'p')).toBe('two')
  })

  test('replaced by another rollback asks its source for a full pass, because it blocks other content', async () => {
    const admin = await rolledBack()
    expect(await outcome(release(admin, 'p', '3.0.0', 'two'))).toBe('held')
    await admin.rollback('p', { version: '2.0.0' })
    expect((await admin.source('git')).attention).toBe(1)
    expect(await outcome(release(admin, 'p', '3.0.0', 'two'))).toBe('done')
  })

  test('becomes a freeze when set by hand, and still lists what was rolled back', async () => {
    const admin = await rolledBack()
    const { hold } = await admin.hold('p', { reason: 'wait' })
    expect(hold).toMatchObject({ kind: 'until_lifted', rolled_back_from: expect.any(String) })
    expect(await outcome(release(admin, 'p', '3.0.0'))).toBe('held')
  })
})
