import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

async function highest(api: ReturnType<typeof makeRegistry>['admin'], id = 'p') {
  return (await api.list({ prefix: id })).prompts[0]?.highest_release
}

describe('a promotion', () => {
  test('makes a draft stable and the former stable version deprecated', async () => {
    const { admin } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    const two = await pushText(admin, 'p', 'two')
    await admin.promote('p', { version: one })
    expect(await admin.promote('p', { version: two, reason: 'better' })).toEqual({
      prompt_id: 'p',
      version: two,
      release: null,
      status: 'stable',
      changed: true,
      applied: true,
      previous: one,
      previous_release: null,
      revision: 4,
    })
    const { versions } = await admin.versions('p')
    expect(versions.map(({ version, status }) => [version, status])).toEqual([
      [two, 'stable'],
      [one, 'deprecated'],
    ])
    expect((await admin.events('p')).events[0]).toMatchObject({
      type: 'promoted',
      from: one,
      to: two,
      reason: 'better',
    })
  })

  test('of the stable version changes nothing and writes no event', async () => {
    const { admin } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    await admin.promote('p', { version: one })
    expect(await admin.promote('p', { version: one })).toMatchObject({ changed: false, revision: 2 })
  })

  test('keeps the time of the first release', async () => {
    const { admin, clock } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    const two = await pushText(admin, 'p', 'two')
    await admin.promote('p', { version: one })
    const first = (await admin.resolve('p')).released_at
    clock.now += 5000
    await admin.promote('p', { version: two })
    clock.now += 5000
    await admin.promote('p', { version: one })
    expect((await admin.resolve('p')).released_at).toBe(first)
  })

  test.each([
    ['a prompt that is not there', 'absent', 'x', 'not_found'],
    ['a prompt in another case', 'P', 'x', 'not_found'],
    ['a version that is not there', 'p', 'absent', 'not_found'],
    ['a bad id', 'p//q', 'x', 'invalid_prompt_id'],
    ['a reserved name', 'p', 'latest', 'invalid_version'],
  ])('of %s is refused', async (_, id, version, code) => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'one', version: 'x' })
    expect(await outcome(admin.promote(id, { version }))).toBe(code)
  })

  test('on an older revision than there is is refused and changes nothing', async () => {
    const { admin } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    const two = await pushText(admin, 'p', 'two')
    await admin.promote('p', { version: one, expected_revision: 2 })
    await expect(admin.promote('p', { version: two, expected_revision: 2 })).rejects.toMatchObject({
      code: 'revision_conflict',
      details: { revision: 3, expected_revision: 2 },
    })
    expect(await read(admin, 'p')).toBe('one')
  })

  test('names the version with the alias, by which it can be pinned from then on', async () => {
    const { admin } = makeRegistry()
    const label = await release(admin, 'p', '1.3.0')
    for (const pin of ['1.3.0', 'v1.3.0', 'v1.3', '1.3'])
      expect((await admin.resolve(`p@${pin}`)).version).toBe(label)
    expect((await admin.resolve('p_v1.3')).aliases).toEqual(['1.3.0'])
  })

  test('with an alias that names another text is refused and changes nothing', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    const two = await pushText(admin, 'p', 'two', 'git')
    for (const alias of ['1.0.0', 'v1', '1.0'])
      expect(await outcome(admin.promote('p', { version: two, alias, source: 'git' }))).toBe('alias_taken')
    expect(await read(admin, 'p')).toBe('text of 1.0.0')
  })

  test('with an alias that names the same text is no conflict', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await outcome(release(admin, 'p', '1.0.0'))).toBe('done')
    const { versions } = await admin.versions('p')
    expect(versions[0]?.aliases).toEqual(['1.0.0'])
  })

  test('of a revoked version is refused', async () => {
    const { admin } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    await admin.revoke('p', { version: one })
    expect(await outcome(admin.promote('p', { version: one }))).toBe('revoked')
  })
})

describe("a source's promotion", () => {
  test.each([
    ['1.9.0', '1.10.0', 'done'],
    ['1.10.0', '1.9.0', 'not_newer'],
    ['2.0.0', '2.0.0-rc.1', 'not_newer'],
    ['2.0.0-rc.1', '2.0.0', 'done'],
    ['1.0.0', '1.0.0+build', 'not_newer'],
    ['1.0.0', 'nightly', 'not_newer'],
    ['1.0.0', '2.0', 'not_newer'],
  ])('after %s under %s is %s', async (first, second, code) => {
    const { admin } = makeRegistry()
    await release(admin, 'p', first, 'one')
    expect(await outcome(release(admin, 'p', second, 'two'))).toBe(code)
    expect(await read(admin, 'p')).toBe(code === 'done' ? 'two' : 'one')
  })

  test('without a semantic version is allowed while there is no release', async () => {
    const { admin } = makeRegistry()
    expect(await outcome(release(admin, 'p', 'nightly'))).toBe('done')
    expect(await highest(admin)).toBeNull()
  })

  test('of the highest release for the same version changes nothing', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    const before = (await admin.events('p')).events.length
    const label = await pushText(admin, 'p', 'text of 1.0.0', 'git')
    const again = await admin.promote('p', { version: label, alias: '1.0.0', source: 'git' })
    expect(again).toMatchObject({ changed: false, version: label })
    expect((await admin.events('p')).events).toHaveLength(before)
  })

  test('of the highest release changes nothing after a rollback', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    const two = await release(admin, 'p', '2.0.0')
    await admin.rollback('p', {})
    const again = await admin.promote('p', { version: two, alias: '2.0.0', source: 'git' })
    expect(again).toMatchObject({ changed: false, status: 'stable' })
    expect(await read(admin, 'p')).toBe('text of 1.0.0')
  })

  test('of a higher release that is already stable adds the alias and raises the highest release', async () => {
    const { admin } = makeRegistry()
    const label = await release(admin, 'p', '1.0.0', 'same')
    const raised = await admin.promote('p', { version: label, alias: '1.1.0', source: 'git' })
    expect(raised).toMatchObject({ changed: false, version: label })
    expect(await highest(admin)).toBe('1.1.0')
    expect((await admin.resolve('p@1.1.0')).version).toBe(label)
    const { events } = await admin.events('p')
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['release_raised', 'alias_added'])
  })

  test('of a version that was stable before makes it stable again under the new release', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'old')
    await release(admin, 'p', '1.1.0', 'new')
    await release(admin, 'p', '1.2.0', 'old')
    expect(await read(admin, 'p')).toBe('old')
    expect((await admin.resolve('p')).aliases).toEqual(['1.2.0', '1.0.0'])
  })

  test('treats a label that is a semantic version as a release', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'two', version: '2.0.0' })
    await admin.promote('p', { version: '2.0.0', source: 'git' })
    expect(await highest(admin)).toBe('2.0.0')
    expect(await outcome(release(admin, 'p', '1.0.0', 'one'))).toBe('not_newer')
  })

  test('treats the alias in the request as the release', async () => {
    const { admin } = makeRegistry()
    const label = await pushText(admin, 'p', 'two', 'git')
    await admin.addAlias('p', { alias: '2.0.0', version: label, source: 'git' })
    await admin.promote('p', { version: '2.0.0', source: 'git' })
    expect(await highest(admin)).toBe('2.0.0')
  })

  test('never treats a hash of twelve digits as a release', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'x', version: '123456789012' })
    await admin.promote('p', { version: '123456789012', source: 'git' })
    expect(await highest(admin)).toBeNull()
  })
})

describe("a person's promotion", () => {
  test('may select any version, and does not lower the highest release', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'one', undefined)
    await admin.promote('p', { version: await pushText(admin, 'p', 'two', 'git'), override: true })
    await admin.promote('p', { version: '1.0.0', override: true })
    expect(await read(admin, 'p')).toBe('one')
    expect(await highest(admin)).toBe('1.0.0')
  })

  test('of a release raises the highest, by any name of the version', async () => {
    const { admin } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    await admin.addAlias('p', { alias: '2.0.0', version: one })
    expect(await highest(admin)).toBeNull()
    await admin.promote('p', { version: one })
    expect(await highest(admin)).toBe('2.0.0')
    expect(await outcome(release(admin, 'p', '1.5.0'))).toBe('not_newer')
  })

  test('of a semantic-version label counts, even with an alias that is not a release', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'two', version: '2.0.0' })
    await admin.promote('p', { version: '2.0.0', alias: 'spring' })
    expect(await highest(admin)).toBe('2.0.0')
  })
})
