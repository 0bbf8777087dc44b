import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome } from '../../support/registry.ts'

const entry = (tag: string, digit = 'a') => ({ tag, commit: digit.repeat(40) })

describe('the state of a source', () => {
  test('is empty at revision 0 before the first write', async () => {
    const { admin } = makeRegistry()
    expect(await admin.source('git')).toEqual({
      name: 'git',
      revision: 0,
      state: null,
      attention: 0,
      ledger_length: 0,
      lease: null,
      forgotten: null,
      updated_at: null,
      settling: false,
      hold: null,
    })
  })

  test('is replaced by compare-and-set of its revision', async () => {
    const { admin, clock } = makeRegistry()
    const write = (expected_revision: number, n: number) =>
      admin.recordSource('git', { expected_revision, state: { n } })
    expect(await write(0, 1)).toEqual({ name: 'git', revision: 1, ledger_length: 0 })
    expect(await write(1, 2)).toMatchObject({ revision: 2 })
    for (const stale of [0, 1, 3]) expect(await outcome(write(stale, 9))).toBe('revision_conflict')
    expect(await admin.source('git')).toMatchObject({
      revision: 2,
      state: { n: 2 },
      updated_at: new Date(clock.now).toISOString(),
    })
  })

  test('lets exactly one of many writers of a revision win', async () => {
    const { admin } = makeRegistry()
    const writes = Array.from({ length: 8 }, (_, n) =>
      outcome(admin.recordSource('git', { expected_revision: 0, state: { n } })),
    )
    const outcomes = await Promise.all(writes)
    expect(outcomes.filter((code) => code === 'done')).toHaveLength(1)
    expect(outcomes.filter((code) => code === 'revision_conflict')).toHaveLength(7)
  })

  test('is not moved by a lease or a call for a full pass', async () => {
    const { admin } = makeRegistry()
    await admin.recordSource('git', { expected_revision: 0, state: { n: 1 } })
    const { lease } = await admin.lease('git', { holder: 'a' })
    expect((await admin.source('git')).revision).toBe(1)
    const write = { expected_revision: 1, state: { n: 2 }, lease_token: lease?.token ?? 0 }
    expect(await outcome(admin.recordSource('git', write))).toBe('done')
  })

  test('is limited in size', async () => {
    const { admin } = makeRegistry()
    const state = { text: 'é'.repeat(128 * 1024) }
    expect(await outcome(admin.recordSource('git', { expected_revision: 0, state }))).toBe('too_large')
  })

  test.each(['a b', '', '-x', 'x'.repeat(65), 'é'])('rejects the source name "%s"', async (name) => {
    const { admin } = makeRegistry()
    expect(await outcome(admin.source(name))).toBe('invalid_request')
    expect(await outcome(admin.recordSource(name, { expected_revision: 0, state: {} }))).toBe(
      'invalid_request',
    )
    expect(await outcome(admin.lease(name, { holder: 'a' }))).toBe('invalid_request')
    expect(await outcome(admin.ledger(name))).toBe('invalid_request')
  })

  test('is listed in order of name', async () => {
    const { admin } = makeRegistry()
    for (const name of ['b', 'a', 'c'])
      await admin.recordSource(name, { expected_revision: 0, state: { name } })
    const first = await admin.sources({ limit: 2 })
    const second = await admin.sources({ limit: 2, cursor: first.next_cursor ?? '' })
    expect([...first.sources, ...second.sources].map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(second.next_cursor).toBeNull()
  })
})

describe('the ledger', () => {
  test('grows in order, and is read in pages', async () => {
    const { admin } = makeRegistry()
    await admin.recordSource('git', { expected_revision: 0, state: {}, ledger: [entry('b'), entry('a')] })
    const answer = await admin.recordSource('git', {
      expected_revision: 1,
      state: {},
      ledger: [entry('c', 'b')],
    })
    expect(answer.ledger_length).toBe(3)
    const first = await admin.ledger('git', { limit: 2 })
    expect(first.ledger).toEqual([entry('b'), entry('a')])
    const second = await admin.ledger('git', { limit: 2, cursor: first.next_cursor ?? '' })
    expect(second).toEqual({ name: 'git', ledger: [entry('c', 'b')], next_cursor: null })
  })

  test('refuses a tag that it already has, and keeps the state', async () => {
    const { admin } = makeRegistry()
    await admin.recordSource('git', { expected_revision: 0, state: { n: 1 }, ledger: [entry('a')] })
    for (const ledger of [[entry('a', 'b')], [entry('b'), entry('a')], [entry('c'), entry('c', 'b')]]) {
      const write = admin.recordSource('git', { expected_revision: 1, state: { n: 2 }, ledger })
      expect(await outcome(write)).toBe('revision_conflict')
    }
    expect(await admin.source('git')).toMatchObject({ revision: 1, state: { n: 1 }, ledger_length: 1 })
    expect((await admin.ledger('git')).ledger).toEqual([entry('a')])
  })

  test('is written atomically with the state', async () => {
    const { admin } = makeRegistry()
    await admin.recordSource('git', { expected_revision: 0, state: {} })
    await outcome(admin.recordSource('git', { expected_revision: 0, state: {}, ledger: [entry('late')] }))
    expect((await admin.ledger('git')).ledger).toEqual([])
  })
})

describe('a lease', () => {
  test("has a growing token, and an expiry by the registry's clock", async () => {
    const { admin, clock } = makeRegistry()
    const first = await admin.lease('git', { holder: 'a', ttl_seconds: 30 })
    expect(first).toEqual({
      name: 'git',
      lease: { holder: 'a', token: 1, expires_at: new Date(clock.now + 30_000).toISOString() },
    })
    await admin.lease('git', { holder: 'a', token: 1, release: true })
    expect((await admin.lease('git', { holder: 'b' })).lease?.token).toBe(2)
  })

  test('is refused for a second writer, with the name of the first', async () => {
    const { admin, clock } = makeRegistry()
    await admin.lease('git', { holder: 'a', ttl_seconds: 30 })
    await expect(admin.lease('git', { holder: 'b' })).rejects.toMatchObject({
      code: 'lease_held',
      details: { holder: 'a', expires_at: new Date(clock.now + 30_000).toISOString() },
    })
    clock.now += 30_000
    expect((await admin.lease('git', { holder: 'b' })).lease).toMatchObject({ holder: 'b', token: 2 })
  })

  test('goes to the same holder at once, with a new token', async () => {
    const { admin } = makeRegistry()
    await admin.lease('git', { holder: 'a' })
    expect((await admin.lease('git', { holder: 'a' })).lease?.token).toBe(2)
    expect(await outcome(admin.lease('git', { holder: 'a', token: 1 }))).toBe('lease_lost')
  })

  test('is renewed with its token, but not after it expired', async () => {
    const { admin, clock } = makeRegistry()
    await admin.lease('git', { holder: 'a', ttl_seconds: 30 })
    clock.now += 29_000
    const renewed = await admin.lease('git', { holder: 'a', token: 1, ttl_seconds: 30 })
    expect(renewed.lease).toMatchObject({ token: 1, expires_at: new Date(clock.now + 30_000).toISOString() })
    clock.now += 30_000
    expect(await outcome(admin.lease('git', { holder: 'a', token: 1 }))).toBe('lease_lost')
    expect((await admin.source('git')).lease).toBeNull()
  })

  test('is released by its token, but not by an old one', async () => {
    const { admin } = makeRegistry()
    await admin.lease('git', { holder: 'a' })
    await admin.lease('git', { holder: 'a' })
    await admin.lease('git', { holder: 'a', token: 1, release: true })
    expect((await admin.source('git')).lease).toMatchObject({ token: 2 })
    expect(await admin.lease('git', { holder: 'a', token: 2, release: true })).toEqual({
      name: 'git',
      lease: null,
    })
    expect((await admin.source('git')).lease).toBeNull()
  })

  test('that was released never reuses its token', async () => {
    const { admin } = makeRegistry()
    const tokens: number[] = []
    for (let turn = 0; turn < 4; turn++) {
      const { lease } = await admin.lease('git', { holder: `h${turn}` })
      tokens.push(lease?.token ?? 0)
      await admin.lease('git', { holder: `h${turn}`, token: lease?.token ?? 0, release: true })
    }
    expect(tokens).toEqual([1, 2, 3, 4])
  })

  test('of one source does not touch another', async () => {
    const { admin } = makeRegistry()
    await admin.lease('git', { holder: 'a' })
    expect((await admin.lease('other', { holder: 'b' })).lease?.token).toBe(1)
  })

  test('requested by many at once goes to one', async () => {
    const { admin } = makeRegistry()
    const taking = Array.from({ length: 6 }, (_, index) =>
      outcome(admin.lease('git', { holder: `h${index}` })),
    )
    const outcomes = await Promise.all(taking)
    expect(outcomes.filter((code) => code === 'done')).toHaveLength(1)
    expect(outcomes.filter((code) => code === 'lease_held')).toHaveLength(5)
  })
})
