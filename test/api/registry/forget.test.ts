import { describe, expect, test } from 'vitest'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

/** A source with a released, a revoked and a held prompt, and a prompt of another source. */
async function withSource() {
  const registry = makeRegistry()
  const { admin } = registry
  await release(admin, 'a', '1.0.0', 'text of a', 'git')
  await release(admin, 'b', '1.0.0', 'good', 'git')
  await release(admin, 'b', '1.1.0', 'leaked', 'git')
  await admin.revoke('b', { version: '1.1.0', reason: 'leak' })
  await release(admin, 'c', '1.0.0', 'text of c', 'git')
  await admin.hold('c', { reason: 'audit' })
  await release(admin, 'z', '1.0.0', 'of another', 'other')
  const ledger = [{ tag: 'v1.0.0', commit: 'a'.repeat(40) }]
  const finding = {
    code: 'refused',
    subject: { kind: 'prompt' as const, name: 'b' },
    message: 'A finding.',
    cause: null,
    first_seen: '2026-01-31T12:00:00.000Z',
    details: null,
  }
  await admin.recordSource('git', {
    expected_revision: 0,
    state: { head: 'x' },
    ledger,
    findings: { put: [finding] },
  })
  return registry
}

const ids = async (api: RegistryApi) => (await api.list()).prompts.map(({ prompt_id }) => prompt_id)

describe('forgetting a source', () => {
  test('archives its prompts, which are still served and have no owner', async () => {
    const { admin } = await withSource()
    expect(await admin.forget('git', { reason: 'moved' })).toEqual({
      name: 'git',
      prompts: ['a', 'b', 'c'],
      remaining: false,
    })
    expect(await ids(admin)).toEqual(['a', 'b', 'c', 'z'])
    const rows = (await admin.list()).prompts
    expect(rows.map(({ archived, source }) => [archived, source])).toEqual([
      [true, null],
      [true, null],
      [true, null],
      [false, 'other'],
    ])
    expect([await read(admin, 'a'), await read(admin, 'b'), await read(admin, 'z')]).toEqual([
      'text of a',
      'good',
      'of another',
    ])
    expect((await admin.events('a')).events[0]).toMatchObject({ actor: 'ada', reason: 'moved' })
  })

  test('keeps the ledger and the reason, but not state and findings', async () => {
    const { admin } = await withSource()
    await admin.forget('git', { reason: 'moved' })
    expect(await admin.source('git')).toMatchObject({
      state: null,
      ledger_length: 1,
      forgotten: { actor: 'ada', reason: 'moved', deleted: false },
    })
    expect((await admin.ledger('git')).ledger).toEqual([{ tag: 'v1.0.0', commit: 'a'.repeat(40) }])
    expect((await admin.findings('git')).findings).toEqual([])
  })

  test('lets another source take over its prompts', async () => {
    const { admin } = await withSource()
    await admin.forget('git', {})
    await pushText(admin, 'a', 'new owner', 'other')
    expect((await admin.list({ source: 'other' })).prompts.map(({ prompt_id }) => prompt_id)).toEqual([
      'a',
      'z',
    ])
    expect(await outcome(pushText(admin, 'b', 'leaked', 'other'))).toBe('revoked')
  })

  test('continues where the last call ended, some prompts at a time', async () => {
    const { admin } = await withSource()
    const first = await admin.forget('git', { limit: 2 })
    expect(first).toMatchObject({ prompts: ['a', 'b'], remaining: true })
    expect((await admin.source('git')).forgotten).toBeNull()
    expect(await admin.forget('git', { limit: 2 })).toMatchObject({ prompts: ['c'], remaining: false })
    expect((await admin.source('git')).forgotten).not.toBeNull()
  })

  test('requires an admin, and waits for a current writer', async () => {
    const { admin, writer } = await withSource()
    expect(await outcome(writer.forget('git', {}))).toBe('forbidden')
    await admin.lease('git', { holder: 'a controller', ttl_seconds: 60 })
    expect(await outcome(admin.forget('git', {}))).toBe('lease_held')
    expect((await admin.list({ source: 'git' })).prompts).toHaveLength(3)
  })
})

describe('deleting the prompts of a source', () => {
  test('makes reads return "gone", by every name and in every mode, and removes them from lists', async () => {
    const { admin } = await withSource()
    await admin.forget('git', { delete: true, reason: 'closed' })
    expect(await ids(admin)).toEqual(['z'])
    for (const reference of ['a', 'a@1.0.0', 'b', 'b@1.1.0'])
      for (const mode of ['production', 'dev'])
        expect(await outcome(admin.resolve(reference, { mode })), `${reference} in ${mode}`).toBe('gone')
    expect(await outcome(admin.promote('a', { version: '1.0.0' }))).toBe('gone')
    expect(await outcome(admin.rollback('a', {}))).toBe('gone')
    expect((await admin.source('git')).forgotten).toMatchObject({ deleted: true, reason: 'closed' })
  })

  test('keeps revocations and holds, for any source that pushes them again', async () => {
    const { admin } = await withSource()
    await admin.forget('git', { delete: true })
    for (const source of ['git', 'other'])
      expect(await outcome(pushText(admin, 'b', 'leaked', source))).toBe('revoked')
    await release(admin, 'b', '1.2.0', 'mended', 'git')
    expect(await read(admin, 'b')).toBe('mended')
    await pushText(admin, 'c', 'again', 'git')
    const row = (await admin.list({ prefix: 'c' })).prompts[0]
    expect(row).toMatchObject({ hold: { kind: 'until_lifted', reason: 'audit' }, stable: null })
    const version = await pushText(admin, 'c', 'again', 'git')
    const promotion = admin.promote('c', { version, alias: '2.0.0', source: 'git' })
    expect(await outcome(promotion)).toBe('held')
  })

  test('keeps tags used, and records everything in the feed', async () => {
    const { admin } = await withSource()
    await admin.forget('git', { delete: true })
    const again = admin.recordSource('git', {
      expected_revision: (await admin.source('git')).revision,
      state: {},
      ledger: [{ tag: 'v1.0.0', commit: 'b'.repeat(40) }],
    })
    expect(await outcome(again)).toBe('revision_conflict')
    const { events } = await admin.feed({ limit: 100 })
    const deleted = events.filter(({ type }) => type === 'deleted').map(({ prompt_id }) => prompt_id)
    expect(deleted).toEqual(['a', 'b', 'c'])
  })
})
