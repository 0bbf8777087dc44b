import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

describe('an alias', () => {
  test('names an older release without promoting it', async () => {
    const { admin } = makeRegistry()
    const old = await pushText(admin, 'p', 'old', 'git')
    await release(admin, 'p', '2.0.0', 'new')
    expect(await admin.addAlias('p', { alias: '1.0.0', version: old, source: 'git' })).toMatchObject({
      alias: '1.0.0',
      version: old,
      status: 'deprecated',
      changed: true,
    })
    expect(await read(admin, 'p')).toBe('new')
    expect(await read(admin, 'p@1.0.0')).toBe('old')
    expect((await admin.list()).prompts[0]?.highest_release).toBe('2.0.0')
  })

  test('that is a pre-release leaves its version a draft', async () => {
    const { admin } = makeRegistry()
    const label = await pushText(admin, 'p', 'text')
    const answer = await admin.addAlias('p', { alias: '1.0.0-rc.1', version: label })
    expect(answer).toMatchObject({ status: 'draft', changed: true })
    expect(await read(admin, 'p@1.0.0-rc.1')).toBe('not_released')
    expect(await read(admin, 'p@1.0.0-rc.1', 'dev')).toBe('text')
  })

  test('given again changes nothing, however it is written', async () => {
    const { admin } = makeRegistry()
    const label = await pushText(admin, 'p', 'text')
    await admin.addAlias('p', { alias: '1.0.0', version: label })
    for (const alias of ['1.0.0', 'v1', '1.0'])
      expect(await admin.addAlias('p', { alias, version: label })).toMatchObject({ changed: false })
    expect((await admin.versions('p')).versions[0]?.aliases).toEqual(['1.0.0'])
  })

  test('never moves to another text', async () => {
    const { admin } = makeRegistry()
    const one = await pushText(admin, 'p', 'one')
    const two = await pushText(admin, 'p', 'two')
    await admin.addAlias('p', { alias: '1.0.0', version: one })
    expect(await outcome(admin.addAlias('p', { alias: 'v1.0', version: two }))).toBe('alias_taken')
    expect(await outcome(admin.addAlias('p', { alias: two, version: one }))).toBe('alias_taken')
    expect((await admin.resolve('p@1.0.0')).version).toBe(one)
  })

  test('shows the newest twenty names of a version, and all of them can be pinned', async () => {
    const { admin } = makeRegistry()
    const label = await pushText(admin, 'p', 'text')
    const names = Array.from({ length: 25 }, (_, index) => `1.0.${index}`)
    for (const alias of names) await admin.addAlias('p', { alias, version: label })
    expect((await admin.resolve('p@1.0.24')).aliases).toEqual(names.slice(-20).reverse())
    expect((await admin.resolve('p@1.0.0')).version).toBe(label)
  })

  test.each([
    ['a prompt that is not there', 'q', 'x', '1.0.0', 'not_found'],
    ['a version that is not there', 'p', 'y', '1.0.0', 'not_found'],
    ['a reserved word', 'p', 'x', 'Stable', 'invalid_version'],
    ['a bad name', 'p', 'x', '-1', 'invalid_version'],
    ['a revoked version', 'p', 'bad', '1.0.0', 'revoked'],
  ])('for %s is refused', async (_, id, version, alias, code) => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'text', version: 'x' })
    await admin.push({ prompt_id: 'p', content: 'bad', version: 'bad' })
    await admin.revoke('p', { version: 'bad' })
    expect(await outcome(admin.addAlias(id, { alias, version }))).toBe(code)
  })

  test('is allowed while the prompt is held', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.hold('p', {})
    const label = await pushText(admin, 'p', 'next', 'git')
    expect(await outcome(admin.addAlias('p', { alias: '2.0.0', version: label, source: 'git' }))).toBe('done')
    expect((await admin.list()).prompts[0]?.highest_release).toBe('1.0.0')
  })
})
