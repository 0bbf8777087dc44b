import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { setDigest } from '../../../api/contract/release-set.ts'
import { sha256 } from '../../../api/contract/version.ts'
import { makeRegistry, outcome, pushText, type TestRegistry } from '../../support/registry.ts'
import { databaseFile } from '../../support/registry-processes.ts'
import { afterPage, leased, passAt, readMany, SOURCE, stoppedPassAt, withSet } from '../../support/sets.ts'

async function started<T extends TestRegistry>(making: T | Promise<T>): Promise<T> {
  const registry = await making
  onTestFinished(registry.close)
  return registry
}

/** What the current set has. */
async function members({ writer }: TestRegistry, source = SOURCE) {
  return (await writer.releaseSet((await writer.currentSet(source)).set)).members
}

test('a source has no set before its first complete pass', async () => {
  const { writer } = await started(makeRegistry())
  await pushText(writer, 'a', 'a 1', SOURCE)
  expect(await outcome(writer.currentSet(SOURCE))).toBe('no_set')
  expect(await outcome(writer.releaseSet('ab'.repeat(32)))).toBe('no_set')
  expect(await outcome(writer.releaseSet('nonsense'))).toBe('no_set')
})

test('a set has the stable identity of each prompt that the source owns, and its digest names it', async () => {
  const registry = await started(withSet())
  const { writer, admin, clock } = registry
  await pushText(writer, 'draft', 'never released', SOURCE)
  await admin.push({ prompt_id: 'other', content: 'of nobody', version: '1.0.0' })
  await admin.promote('other', { version: '1.0.0' })
  await writer.moveSet(SOURCE, {})
  const expected = { a: sha256('a 1'), b: sha256('b 1') }
  expect(await members(registry)).toEqual(expected)
  expect(await writer.currentSet(SOURCE)).toEqual({
    source: SOURCE,
    set: setDigest({ source: SOURCE, members: expected }),
    sequence: clock.now,
    release: 'v1.0.0',
    act: 'release',
    actor: 'will',
    reason: null,
    previous: null,
    moved_at: '2026-01-31T12:00:00.000Z',
    settling: false,
    revoked: [],
  })
})

test('a repeated request moves nothing, but a release without a change of the members moves once', async () => {
  const { writer } = await started(withSet())
  const before = await writer.currentSet(SOURCE)
  expect(await writer.moveSet(SOURCE, { release: 'v1.0.0' })).toMatchObject({ changed: false })
  expect(await writer.moveSet(SOURCE, {})).toMatchObject({ changed: false, sequence: before.sequence })
  const moved = await writer.moveSet(SOURCE, { release: 'v1.0.1' })
  expect(moved).toMatchObject({ changed: true, added: 0, removed: 0, replaced: 0, set: before.set })
  expect(moved.sequence).toBeGreaterThan(before.sequence)
  expect(await writer.moveSet(SOURCE, { release: 'v1.0.1' })).toMatchObject({ changed: false })
  expect(await writer.currentSet(SOURCE)).toMatchObject({ release: 'v1.0.1', previous: null })
})

test('the sequence is the clock, and one more if the clock stands still or goes back', async () => {
  const { writer, clock } = await started(withSet())
  const first = await writer.currentSet(SOURCE)
  clock.now += 5_000
  const { sequence } = await writer.moveSet(SOURCE, { release: 'v1.0.1' })
  expect(sequence).toBe(clock.now)
  clock.now -= 60_000
  expect(await writer.moveSet(SOURCE, { release: 'v1.0.2' })).toMatchObject({ sequence: sequence + 1 })
  expect(sequence).toBeGreaterThan(first.sequence)
})

test('a dry run counts the changes and writes nothing', async () => {
  const { writer } = await started(withSet())
  const before = await writer.currentSet(SOURCE)
  const lease_token = await stoppedPassAt(writer, '2.0.0', { a: 'a 2' })
  const foreseen = await writer.moveSet(SOURCE, { dry_run: true })
  expect(foreseen).toMatchObject({ changed: true, added: 0, removed: 0, replaced: 1 })
  expect(await writer.currentSet(SOURCE)).toEqual(before)
  expect(await outcome(writer.releaseSet(foreseen.set))).toBe('no_set')
  expect(await writer.moveSet(SOURCE, { lease_token })).toMatchObject({ changed: true, set: foreseen.set })
})

test('only the holder of the lease moves the pointer', async () => {
  const { writer } = await started(withSet())
  const lease_token = await leased(writer)
  expect(await outcome(writer.moveSet(SOURCE, { release: 'v2' }))).toBe('lease_held')
  expect(await outcome(writer.moveSet(SOURCE, { release: 'v2', lease_token: lease_token - 1 }))).toBe(
    'lease_lost',
  )
  expect(await outcome(writer.moveSet(SOURCE, { release: 'v2', lease_token }))).toBe('done')
})

test('a credential for other sources moves and keeps nothing', async () => {
  const { as, set } = await started(withSet())
  const other = as({ sources: ['other'] })
  expect(await outcome(other.moveSet(SOURCE, {}))).toBe('forbidden')
  expect(await outcome(other.keepSet(set, { keep: true }))).toBe('forbidden')
})

test('the moves are listed newest first, with what is stored and kept', async () => {
  const { writer, set } = await started(withSet())
  const second = await passAt(writer, '2.0.0', { a: 'a 2', c: 'c 2' })
  expect(await writer.keepSet(set, { keep: true })).toEqual({ set, source: SOURCE, kept: true })
  const { moves, next_cursor } = await writer.setMoves(SOURCE, { limit: 1 })
  expect(moves).toMatchObject([
    { set: second, release: 'v2.0.0', act: 'release', previous: set, stored: true, kept: false },
  ])
  const rest = await writer.setMoves(SOURCE, { cursor: next_cursor ?? '' })
  expect(rest).toMatchObject({
    moves: [{ set, release: 'v1.0.0', previous: null, stored: true, kept: true }],
    next_cursor: null,
  })
})

test('a forgotten source serves no set any more', async () => {
  const { admin, set } = await started(withSet())
  await admin.forget(SOURCE, { reason: 'moved away' })
  expect(await outcome(admin.currentSet(SOURCE))).toBe('no_set')
  const { moves } = await admin.setMoves(SOURCE)
  expect(moves[0]).toMatchObject({
    set: null,
    act: 'forget',
    actor: 'ada',
    reason: 'moved away',
    previous: set,
  })
  expect(moves).toHaveLength(2)
})

test('a pass that lost its lease while it read the prompts does not point to the half of another one', async () => {
  const { between, next } = afterPage()
  const { writer, clock } = await started(withSet({ between }))
  const lease_token = await leased(writer)
  const { sequence } = await writer.currentSet(SOURCE)
  next.run = async () => {
    clock.now += 3_600_000
    await writer.lease(SOURCE, { holder: 'another pass' })
  }
  expect(await outcome(writer.moveSet(SOURCE, { release: 'v2.0.0', lease_token }))).toBe('lease_lost')
  expect(await writer.currentSet(SOURCE)).toMatchObject({ sequence })
})

test('a lost set stops no emergency, is named to readers, and is put again by the next pass', async () => {
  const file = await databaseFile()
  const { set } = await started(withSet({ file }))
  const raw = new DatabaseSync(file)
  onTestFinished(() => raw.close())
  raw.exec('DELETE FROM sets')
  const { writer } = await started(makeRegistry({ file, name: 'later' }))
  const { results } = await writer.resolveMany({ references: ['a', 'a@1.0.0'] })
  expect(results).toMatchObject([
    { code: 'unavailable', error: expect.stringContaining(set.slice(0, 12)) },
    { prompt: { content: 'a 1' } },
  ])
  expect(await outcome(writer.hold('a', { reason: 'an emergency' }))).toBe('done')
  expect(await writer.moveSet(SOURCE, {})).toMatchObject({ changed: true, set, added: 2 })
  expect(await readMany(writer, ['a'])).toEqual(['a 1'])
})
