import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../api/contract/index.ts'
import { makeRegistry, outcome, read } from '../../support/registry.ts'

const LABEL = sha256('hello').slice(0, 12)

describe('a push', () => {
  test('makes a draft that is labelled by the hash of its text', async () => {
    const { admin } = makeRegistry()
    expect(await admin.push({ prompt_id: 'team/p', content: 'hello' })).toEqual({
      prompt_id: 'team/p',
      version: LABEL,
      identity: sha256('hello'),
      status: 'draft',
      created: true,
      applied: true,
      revision: 1,
    })
  })

  test('gives text with variables or config another label, whatever the order of keys', async () => {
    const { admin } = makeRegistry()
    const content = 'hello'
    const plain = await admin.push({ prompt_id: 'p', content })
    const one = await admin.push({ prompt_id: 'p', content, config: { a: 1, b: { c: 2, d: 3 } } })
    const same = await admin.push({ prompt_id: 'p', content, config: { b: { d: 3, c: 2 }, a: 1 } })
    expect(one.version).not.toBe(plain.version)
    expect(same).toMatchObject({ version: one.version, created: false })
  })

  test.each([null, {}, []])('treats %j as no config and no variables', async (nothing) => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'hello' })
    const again = await admin.push({
      prompt_id: 'p',
      content: 'hello',
      config: nothing,
      variables: nothing,
    })
    expect(again).toMatchObject({ version: LABEL, created: false })
    expect(await admin.resolve('p', { mode: 'dev' })).toMatchObject({ config: null, variables: null })
  })

  test('of a text that is there without a label gives that version, under whatever label', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'hello', version: '1.3.0' })
    const again = await admin.push({ prompt_id: 'p', content: 'hello' })
    expect(again).toEqual({
      prompt_id: 'p',
      version: '1.3.0',
      identity: sha256('hello'),
      status: 'draft',
      created: false,
      applied: false,
      revision: 1,
    })
    expect((await admin.events('p')).events).toHaveLength(1)
  })

  test('of the same text under another label makes another version', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'hello' })
    const named = await admin.push({ prompt_id: 'p', content: 'hello', version: '1.3.0' })
    expect(named).toMatchObject({ version: '1.3.0', created: true })
  })

  test.each([
    ['1.3.0', 'hello', true],
    ['1.3.0', 'other', false],
    ['v1.3', 'other', false],
    ['1.3', 'hello', true],
  ])(
    'under the taken label as %s with "%s" is refused, and the error shows whether it is identical',
    async (version, content, identical) => {
      const { admin } = makeRegistry()
      await admin.push({ prompt_id: 'p', content: 'hello', version: '1.3.0' })
      await expect(admin.push({ prompt_id: 'p', content, version })).rejects.toMatchObject({
        code: 'version_exists',
        details: { identical, version: '1.3.0' },
      })
    },
  )

  test('under a label that is already an alias is refused', async () => {
    const { admin } = makeRegistry()
    const { version } = await admin.push({ prompt_id: 'p', content: 'hello' })
    await admin.addAlias('p', { alias: '1.3.0', version })
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'other', version: 'v1.3' }))).toBe(
      'version_exists',
    )
  })

  test('moves latest to the pushed version, even if it existed', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'one' })
    await admin.push({ prompt_id: 'p', content: 'two' })
    expect(await read(admin, 'p', 'dev')).toBe('two')
    await admin.push({ prompt_id: 'p', content: 'one' })
    expect(await read(admin, 'p', 'dev')).toBe('one')
    const { events } = await admin.events('p')
    expect(events[0]).toMatchObject({ type: 'latest_moved', sequence: 3 })
  })

  test('with latest: false does not move latest', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'one' })
    await admin.push({ prompt_id: 'p', content: 'two', latest: false })
    expect(await read(admin, 'p', 'dev')).toBe('one')
    const again = await admin.push({ prompt_id: 'p', content: 'two', latest: false })
    expect(again).toMatchObject({ created: false, revision: 2 })
  })

  test('with another description or other tags creates another version', async () => {
    const { admin } = makeRegistry()
    const push = { prompt_id: 'p', content: 'one' }
    const first = await admin.push({ ...push, description: 'first', tags: ['a'] })
    await admin.promote('p', { version: first.version })
    const second = await admin.push({ ...push, description: 'second', tags: ['a'] })
    const third = await admin.push({ ...push, description: 'second', tags: ['b'] })
    expect([second.created, third.created]).toEqual([true, true])
    expect(await admin.resolve('p')).toMatchObject({ description: 'first', tags: ['a'] })
    expect(await admin.resolve('p', { mode: 'dev' })).toMatchObject({ description: 'second', tags: ['b'] })
    expect(await admin.push({ ...push, description: 'second', tags: ['a'] })).toMatchObject({
      version: second.version,
      created: false,
    })
  })

  test('under an id that differs by case is refused and names the id that is there', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'Team/p', content: 'one' })
    await expect(admin.push({ prompt_id: 'team/P', content: 'one' })).rejects.toMatchObject({
      code: 'id_differs_by_case',
      details: { prompt_id: 'Team/p' },
    })
  })

  test('of a revoked text is refused, under any label and with any config', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'bad', config: { a: 1 }, version: '1.0.0' })
    await admin.revoke('p', { version: '1.0.0' })
    for (const fields of [{}, { version: '2.0.0' }, { config: { b: 1 } }, { config: { a: 1 } }])
      expect(await outcome(admin.push({ prompt_id: 'p', content: 'bad', ...fields }))).toBe('revoked')
    expect(await outcome(admin.push({ prompt_id: 'other', content: 'bad' }))).toBe('done')
  })

  test.each([
    ['an empty content', { content: '' }, 'invalid_request'],
    ['white space', { content: ' \n' }, 'done'],
    ['a content of 256 KiB', { content: 'x'.repeat(256 * 1024) }, 'done'],
    ['a content of 256 KiB and a byte', { content: 'x'.repeat(256 * 1024 + 1) }, 'too_large'],
    ['a content of as many characters but more bytes', { content: 'é'.repeat(200 * 1024) }, 'too_large'],
    ['a bad id', { prompt_id: 'a//b' }, 'invalid_prompt_id'],
    ['an id that reads as a pin', { prompt_id: 'a_v1' }, 'invalid_prompt_id'],
    ['a reserved label', { version: 'latest' }, 'invalid_version'],
    ['a bad label', { version: 'a b' }, 'invalid_version'],
    ['a description of 2 KiB', { description: 'x'.repeat(2048) }, 'done'],
    ['a longer description', { description: 'x'.repeat(2049) }, 'too_large'],
    ['a config of more than 16 KiB', { config: { a: 'x'.repeat(16 * 1024) } }, 'too_large'],
    ['variables of more than 16 KiB', { variables: ['x'.repeat(16 * 1024)] }, 'too_large'],
  ])('with %s is judged', async (_, fields, code) => {
    const { admin } = makeRegistry()
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'one', ...fields }))).toBe(code)
  })

  test('with a config of any depth never overflows the stack', async () => {
    const { admin } = makeRegistry()
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`)
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'a', config: nested(64) }))).toBe('done')
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'a', config: nested(65) }))).toBe(
      'invalid_request',
    )
    expect(await outcome(admin.push({ prompt_id: 'p', content: 'a', config: nested(5000) }))).toBe(
      'invalid_request',
    )
  })

  test('records who pushed, when and from where', async () => {
    const { as, clock } = makeRegistry()
    const origin = { source: 'git', repository: 'r', commit: 'c0ffee', path: 'p.txt', author: 'Zoë' }
    const api = as({ actor: 'controller' })
    await api.push({ prompt_id: 'p', content: 'one', origin, reason: 'because' })
    expect((await api.resolve('p', { mode: 'dev' })).origin).toEqual(origin)
    expect((await api.events('p')).events).toEqual([
      {
        id: 'event-2',
        prompt_id: 'p',
        sequence: 2,
        type: 'version_pushed',
        at: new Date(clock.now).toISOString(),
        actor: 'controller',
        reason: 'because',
        from: null,
        to: expect.any(String),
        details: null,
      },
      expect.objectContaining({ sequence: 1, type: 'owner_changed', from: null, to: 'git' }),
    ])
  })
})
