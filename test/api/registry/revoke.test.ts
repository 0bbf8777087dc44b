import { describe, expect, test } from 'vitest'
import { MODES } from '../../../api/contract/index.ts'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

describe('a revocation', () => {
  test('takes a version out of every mode, by every name', async () => {
    const { admin, writer } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'bad')
    const label = (await admin.resolve('p')).version
    await release(admin, 'p', '2.0.0', 'good')
    const answer = await writer.revoke('p', { version: '1.0.0', reason: 'leaks' })
    expect(answer).toMatchObject({ version: label, status: 'revoked', changed: true, revoked: [label] })
    expect(answer).toMatchObject({
      release: '1.0.0',
      stable_release: '2.0.0',
      releases: { [label]: '1.0.0' },
    })
    for (const mode of MODES)
      for (const pin of [label, '1.0.0', 'v1']) expect(await read(admin, `p@${pin}`, mode)).toBe('revoked')
    expect(await read(admin, 'p')).toBe('good')
  })

  test('covers the same content under every label and config', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'bad', version: 'a' })
    await admin.push({ prompt_id: 'p', content: 'bad', version: 'b', config: { x: 1 } })
    await admin.push({ prompt_id: 'p', content: 'good', version: 'c' })
    expect((await admin.revoke('p', { version: 'b' })).revoked).toEqual(['a', 'b'])
    const { versions } = await admin.versions('p')
    expect(versions.map(({ status }) => status)).toEqual(['draft', 'revoked', 'revoked'])
    expect((await admin.events('p')).events.slice(0, 2)).toMatchObject([
      { type: 'revoked', to: 'b' },
      { type: 'revoked', to: 'a' },
    ])
  })

  test('of the stable version rolls back in the same step, and sets no hold', async () => {
    const { admin, writer } = makeRegistry()
    const one = await release(admin, 'p', '1.0.0', 'one')
    const two = await release(admin, 'p', '2.0.0', 'two')
    expect(await writer.revoke('p', { version: two })).toMatchObject({ stable: one })
    expect(await read(admin, 'p')).toBe('one')
    expect((await admin.list()).prompts[0]?.hold).toBeNull()
    expect((await admin.events('p')).events.slice(0, 2)).toMatchObject([
      { type: 'rolled_back', from: two, to: one },
      { type: 'revoked', to: two },
    ])
  })

  test('of the stable content under another label also rolls back, and never to that content', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'good', version: 'good' })
    await admin.push({ prompt_id: 'p', content: 'bad', version: 'bad-1' })
    await admin.push({ prompt_id: 'p', content: 'bad', version: 'bad-2', config: { x: 1 } })
    for (const version of ['good', 'bad-1', 'bad-2']) await admin.promote('p', { version })
    expect(await admin.revoke('p', { version: 'bad-1' })).toMatchObject({ stable: 'good' })
  })

  test('of the only release needs an admin and leaves none', async () => {
    const { admin, writer } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'bad')
    expect(await outcome(writer.revoke('p', { version: '1.0.0' }))).toBe('nothing_to_roll_back_to')
    expect(await read(admin, 'p')).toBe('bad')
    expect(await admin.revoke('p', { version: '1.0.0' })).toMatchObject({ stable: null })
    for (const mode of MODES) expect(await read(admin, 'p', mode)).toBe('revoked')
  })

  test('that left no stable version is resolved by the next promotion', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'bad')
    await admin.revoke('p', { version: '1.0.0' })
    await release(admin, 'p', '1.0.1', 'good')
    expect(await read(admin, 'p')).toBe('good')
  })

  test('repeated changes nothing', async () => {
    const { admin } = makeRegistry()
    const label = await pushText(admin, 'p', 'bad')
    const first = await admin.revoke('p', { version: label })
    expect(await admin.revoke('p', { version: label })).toEqual({ ...first, changed: false })
  })

  test('does not lower the highest release, so nothing below it comes back', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await release(admin, 'p', '2.0.0')
    await admin.revoke('p', { version: '2.0.0' })
    expect((await admin.list()).prompts[0]?.highest_release).toBe('2.0.0')
    expect(await outcome(release(admin, 'p', '1.5.0'))).toBe('not_newer')
    expect(await outcome(release(admin, 'p', '2.0.0'))).toBe('revoked')
    expect(await outcome(release(admin, 'p', '2.0.1'))).toBe('done')
  })

  test('of the latest version shows the stable one to those who see drafts', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'one')
    const draft = await pushText(admin, 'p', 'draft', 'git')
    await admin.revoke('p', { version: draft })
    expect(await read(admin, 'p', 'dev')).toBe('one')
  })

  test.each([
    ['q', '1.0.0', 'not_found'],
    ['p', '9.0.0', 'not_found'],
    ['p', 'stable', 'invalid_version'],
  ])('of %s at %s is refused', async (id, version, code) => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await outcome(admin.revoke(id, { version }))).toBe(code)
  })

  test('on an older revision is refused', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await outcome(admin.revoke('p', { version: '1.0.0', expected_revision: 1 }))).toBe(
      'revision_conflict',
    )
  })
})
