import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

const owner = async (api: ReturnType<typeof makeRegistry>['admin']) => (await api.list()).prompts[0]?.source

describe('an owner', () => {
  test("is the source of a prompt's first push", async () => {
    const { admin, writer } = makeRegistry()
    await pushText(writer, 'p', 'one', 'git')
    expect(await owner(admin)).toBe('git')
    expect((await admin.events('p')).events.at(-1)).toMatchObject({
      type: 'owner_changed',
      from: null,
      to: 'git',
      sequence: 1,
    })
  })

  test('takes a prompt that a person made, also by a push that changes nothing else', async () => {
    const { admin, writer } = makeRegistry()
    await pushText(admin, 'p', 'one')
    expect(await owner(admin)).toBeNull()
    await pushText(writer, 'p', 'one', 'git')
    expect(await owner(admin)).toBe('git')
    const before = (await admin.events('p')).events.length
    await pushText(writer, 'p', 'one', 'git')
    expect((await admin.events('p')).events).toHaveLength(before)
  })

  test.each(['another source', 'a person'])('keeps %s from pushing, naming and promoting', async (who) => {
    const { admin, writer } = makeRegistry()
    const label = await release(writer, 'p', '1.0.0', 'mine')
    const source = who === 'a person' ? {} : { source: 'other' }
    const push = { prompt_id: 'p', content: 'theirs', ...(who !== 'a person' && { origin: source }) }
    for (const api of [writer, admin]) {
      expect(await outcome(api.push(push))).toBe('not_owner')
      expect(await outcome(api.addAlias('p', { alias: 'x', version: label, ...source }))).toBe('not_owner')
      expect(await outcome(api.promote('p', { version: label, ...source }))).toBe('not_owner')
    }
    expect(await read(admin, 'p', 'dev')).toBe('mine')
  })

  test('does not keep other writers from emergency operations', async () => {
    const { admin, as } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'one')
    await release(admin, 'p', '2.0.0', 'two')
    const operator = as({ sources: [] })
    expect(await outcome(operator.rollback('p', {}))).toBe('done')
    expect(await outcome(operator.hold('p', {}))).toBe('done')
    expect(await outcome(operator.unhold('p', {}))).toBe('done')
    expect(await outcome(operator.revoke('p', { version: '2.0.0' }))).toBe('done')
  })
})

describe('a credential', () => {
  test('may act only for the sources that it lists', async () => {
    const { as } = makeRegistry()
    const api = as({ sources: ['git'] })
    expect(await outcome(pushText(api, 'p', 'one', 'git'))).toBe('done')
    expect(await outcome(pushText(api, 'q', 'one', 'other'))).toBe('forbidden')
    expect(await outcome(api.promote('p', { version: 'x', source: 'other' }))).toBe('forbidden')
    expect(await outcome(api.addAlias('p', { version: 'x', alias: 'y', source: 'other' }))).toBe('forbidden')
    expect(await outcome(api.lease('other', { holder: 'me' }))).toBe('forbidden')
    expect(await outcome(api.recordSource('other', { expected_revision: 0, state: {} }))).toBe('forbidden')
  })

  test('of an admin may act for every source', async () => {
    const { as } = makeRegistry()
    const api = as({ access: 'admin', sources: [] })
    expect(await outcome(pushText(api, 'p', 'one', 'git'))).toBe('done')
    expect(await outcome(api.lease('git', { holder: 'me' }))).toBe('done')
  })
})

describe('an override', () => {
  test('lets an admin write to a prompt of a source, and freezes it', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    const { version } = await admin.push({ prompt_id: 'p', content: 'hotfix', override: true })
    await admin.promote('p', { version, override: true, reason: 'urgent' })
    expect(await read(admin, 'p')).toBe('hotfix')
    expect((await admin.list()).prompts[0]).toMatchObject({
      source: 'git',
      hold: { kind: 'until_lifted', actor: 'ada' },
    })
    expect(await outcome(release(admin, 'p', '2.0.0'))).toBe('held')
  })

  test('also freezes a prompt held by a rollback', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await release(admin, 'p', '2.0.0')
    await admin.rollback('p', {})
    await admin.push({ prompt_id: 'p', content: 'hotfix', override: true })
    expect((await admin.list()).prompts[0]?.hold?.kind).toBe('until_lifted')
  })

  test('requires an admin, even if unnecessary', async () => {
    const { admin, writer } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await outcome(writer.push({ prompt_id: 'p', content: 'x', override: true }))).toBe('forbidden')
    expect(await outcome(writer.push({ prompt_id: 'new', content: 'x', override: true }))).toBe('forbidden')
    expect(await outcome(writer.promote('p', { version: '1.0.0', override: true }))).toBe('forbidden')
  })

  test('that is unnecessary freezes nothing', async () => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'x', override: true })
    expect((await admin.list()).prompts[0]?.hold).toBeNull()
  })

  test('does not change the owner', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.push({ prompt_id: 'p', content: 'x', override: true, origin: { source: 'other' } })
    expect(await owner(admin)).toBe('git')
  })
})

describe('a transfer', () => {
  test('makes another source the owner, which may then write', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await admin.transfer('p', { source: 'other', create: true })).toMatchObject({
      source: 'other',
      changed: true,
    })
    expect(await outcome(release(admin, 'p', '2.0.0'))).toBe('not_owner')
    expect(await outcome(release(admin, 'p', '2.0.0', 'text', 'other'))).toBe('done')
    expect((await admin.events('p')).events.find(({ from }) => from === 'git')).toMatchObject({
      type: 'owner_changed',
      to: 'other',
    })
  })

  test('to nobody lets the next source own the prompt', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.transfer('p', { source: null })
    await pushText(admin, 'p', 'two', 'third')
    expect(await owner(admin)).toBe('third')
  })

  test('needs an admin', async () => {
    const { admin, writer } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await outcome(writer.transfer('p', { source: 'other' }))).toBe('forbidden')
  })

  test('asks the new owner for a full pass', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.transfer('p', { source: 'other', create: true })
    expect((await admin.source('other')).attention).toBe(1)
  })

  test('to an unknown source is refused without traces, unless it is to be created', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    const failure = await admin.transfer('p', { source: 'typo' }).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('Source "typo" was not found'),
    })
    expect((await admin.sources()).sources.map(({ name }) => name)).not.toContain('typo')
    expect(await owner(admin)).toBe('git')
    expect(await outcome(admin.transfer('p', { source: 'typo', create: true }))).toBe('done')
  })

  test('is allowed to a source that a pass recorded or that owns a prompt, but not to a forgotten one', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    await admin.lease('recorded', { holder: 'h' })
    await pushText(admin, 'q', 'text', 'owns')
    for (const source of ['recorded', 'owns'])
      expect(await outcome(admin.transfer('p', { source }))).toBe('done')
    await admin.forget('git', {})
    expect(await outcome(admin.transfer('p', { source: 'git' }))).toBe('not_found')
  })

  test('that is repeated changes nothing', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0')
    expect(await admin.transfer('p', { source: 'git' })).toMatchObject({ changed: false })
  })
})

describe('a credential with prefixes', () => {
  test('may change only prompts below them, by any operation, also in a batch', async () => {
    const { admin, as } = makeRegistry()
    const team = as({ sources: ['git'], prefixes: ['support/', 'shared/'] })
    for (const id of ['support/a', 'other/a']) await release(admin, id, '1.0.0')
    const push = (prompt_id: string) => team.push({ prompt_id, content: 'new', origin: { source: 'git' } })
    expect(await outcome(push('support/new'))).toBe('done')
    expect(await outcome(push('shared/new'))).toBe('done')
    for (const id of ['other/new', 'supportive/new', 'support', 'Support/new'])
      expect([id, await outcome(push(id))]).toEqual([id, 'forbidden'])
    const forbidden = [
      team.promote('other/a', { version: '1.0.0' }),
      team.addAlias('other/a', { version: '1.0.0', alias: 'x' }),
      team.rollback('other/a', {}),
      team.revoke('other/a', { version: '1.0.0' }),
      team.hold('other/a', {}),
      team.unhold('other/a', {}),
    ]
    for (const one of forbidden) expect(await outcome(one)).toBe('forbidden')
    const operations = ['support/b', 'other/b'].map((prompt_id) => ({
      op: 'push' as const,
      prompt_id,
      content: 'b',
    }))
    const { outcomes } = await team.batch({ operations })
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, status: 403, code: 'forbidden' }])
    expect(await outcome(team.rollback('support/a', {}))).not.toBe('forbidden')
    expect(await outcome(team.resolve('other/a'))).toBe('done')
  })

  test('without prefixes may use any id that has no owner', async () => {
    const { as } = makeRegistry()
    const team = as({ sources: ['git'] })
    const push = { prompt_id: 'any/where', content: 'x', origin: { source: 'git' } }
    expect(await outcome(team.push(push))).toBe('done')
  })
})
