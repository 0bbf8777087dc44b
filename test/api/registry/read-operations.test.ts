import { describe, expect, test } from 'vitest'
import { makeRegistry, outcome, pushText, release } from '../../support/registry.ts'

describe('a list', () => {
  test('shows the current state of every prompt, ordered by id', async () => {
    const { admin, clock } = makeRegistry()
    const at = new Date(clock.now).toISOString()
    await release(admin, 'b', '1.0.0', 'one')
    const latest = await admin.push({
      prompt_id: 'b',
      content: 'two',
      description: 'd',
      tags: ['t'],
      origin: { source: 'git' },
    })
    await pushText(admin, 'a', 'draft')
    const { prompts, next_cursor } = await admin.list()
    expect(next_cursor).toBeNull()
    expect(prompts.map(({ prompt_id }) => prompt_id)).toEqual(['a', 'b'])
    const stable = await admin.resolve('b')
    expect(prompts[1]).toEqual({
      prompt_id: 'b',
      stable: stable.version,
      stable_release: '1.0.0',
      stable_released_at: at,
      stable_identity: stable.identity,
      stable_payload_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      stable_by: 'source',
      latest: latest.version,
      latest_status: 'draft',
      latest_identity: latest.identity,
      latest_by: 'source',
      highest_release: '1.0.0',
      highest_identity: stable.identity,
      rolled_back: [],
      source: 'git',
      hold: null,
      archived: false,
      moved_to: null,
      deleted: false,
      retired: null,
      description: 'd',
      tags: ['t'],
      revision: 5,
      created_at: at,
      updated_at: at,
    })
  })

  test('goes on behind its cursor', async () => {
    const { admin } = makeRegistry()
    for (const id of ['c', 'a', 'd', 'b']) await pushText(admin, id, 'text')
    const first = await admin.list({ limit: 3 })
    const second = await admin.list({ limit: 3, cursor: first.next_cursor ?? '' })
    expect([...first.prompts, ...second.prompts].map(({ prompt_id }) => prompt_id)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })

  test('is narrowed by prefix, source and status', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'x/a', '1.0.0')
    await pushText(admin, 'x/b', 'draft', 'other')
    await pushText(admin, 'y', 'draft')
    const ids = async (query: object) => (await admin.list(query)).prompts.map(({ prompt_id }) => prompt_id)
    expect(await ids({ prefix: 'x/' })).toEqual(['x/a', 'x/b'])
    expect(await ids({ source: 'other' })).toEqual(['x/b'])
    expect(await ids({ status: 'stable' })).toEqual(['x/a'])
    expect(await ids({ status: 'draft', prefix: 'x' })).toEqual(['x/b'])
  })
})

describe('the versions and events of a prompt', () => {
  test('come newest first, in pages', async () => {
    const { admin } = makeRegistry()
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await release(admin, 'p', version)
    const first = await admin.versions('p', { limit: 2 })
    const second = await admin.versions('p', { limit: 2, cursor: first.next_cursor ?? '' })
    expect([...first.versions, ...second.versions].map(({ aliases }) => aliases[0])).toEqual([
      '1.2.0',
      '1.1.0',
      '1.0.0',
    ])
    const events = await admin.events('p', { limit: 4 })
    const rest = await admin.events('p', { limit: 100, cursor: events.next_cursor ?? '' })
    const sequences = [...events.events, ...rest.events].map(({ sequence }) => sequence)
    expect(sequences).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  })

  test('of a prompt that is not there, or in another case, are not found', async () => {
    const { admin } = makeRegistry()
    await pushText(admin, 'p', 'text')
    for (const id of ['q', 'P']) {
      expect(await outcome(admin.versions(id))).toBe('not_found')
      expect(await outcome(admin.events(id))).toBe('not_found')
    }
    expect(await outcome(admin.events('a//b'))).toBe('invalid_prompt_id')
  })

  test.each(['x', '-1', '0', '1.5', ' '])('refuse "%s" as a cursor', async (cursor) => {
    const { admin } = makeRegistry()
    await pushText(admin, 'p', 'text')
    expect(await outcome(admin.versions('p', { cursor }))).toBe('invalid_request')
    expect(await outcome(admin.events('p', { cursor }))).toBe('invalid_request')
  })
})

test('health succeeds while the store responds, and fails with it', async () => {
  const { admin, close } = makeRegistry()
  expect(await admin.health()).toEqual({ status: 'ok' })
  close()
  expect(await outcome(admin.health())).toBe('unavailable')
})
