import { expect, onTestFinished, test } from 'vitest'
import { removable } from '../../../api/registry/prune-sets.ts'
import { nextPointer } from '../../../api/registry/set-pointer.ts'
import type { StoredSet } from '../../../api/store/set-records.ts'
import { outcome } from '../../support/registry.ts'
import { passAt, SOURCE, withSet } from '../../support/sets.ts'

const DAY = 24 * 60 * 60 * 1000
const NOW = Date.parse('2026-06-01T00:00:00.000Z')

const pointerTo = (set: string) =>
  nextPointer(undefined, { source: SOURCE, set, act: 'release', actor: 'ada', reason: null, now: NOW })
    .pointer

/** Sets that were used so many days ago. */
const usedBefore = (...days: readonly number[]): StoredSet[] =>
  days.map((day) => ({ digest: `${day} days`, source: SOURCE, usedAt: NOW - day * DAY, kept: false }))

const range = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

test('the 50 sets that were used last stay, however old they are', () => {
  const stored = usedBefore(...range(31, 60)).toReversed()
  const removed = removable(stored, pointerTo('none'))
  expect(removed.map(({ digest }) => digest)).toEqual(range(81, 10).map((day) => `${day} days`))
})

test('sets of the last 30 days stay, however many there are', () => {
  const stored = usedBefore(...range(0, 80).map((n) => n / 4), ...range(20, 15))
  const removed = removable(stored, pointerTo('none'))
  expect(removed.map(({ digest }) => digest)).toEqual(['31 days', '32 days', '33 days', '34 days'])
})

test('a kept set and the current one stay', () => {
  const [kept, current, other] = usedBefore(90, 91, 92) as [StoredSet, StoredSet, StoredSet]
  const stored = [...usedBefore(...range(1, 50)), { ...kept, kept: true }, current, other]
  expect(removable(stored, pointerTo(current.digest))).toEqual([other])
})

test('the first move of a day removes old sets, and their moves stay in the history', async () => {
  const { writer, clock, set, close } = await withSet()
  onTestFinished(close)
  const second = await passAt(writer, '1.0.1', { a: 'a 1.0.1' })
  await writer.keepSet(second, { keep: true })
  for (let n = 0; n < 52; n++) {
    clock.now += DAY
    await passAt(writer, `1.1.${n}`, { a: `a 1.1.${n}` })
  }
  expect(await outcome(writer.keepSet(set, { keep: true }))).toBe('no_set')
  expect(await outcome(writer.resolveMany({ references: ['a'], set: second }))).toBe('done')
  const { moves } = await writer.setMoves(SOURCE)
  expect(moves).toHaveLength(54)
  expect(moves.filter(({ stored }) => !stored).map(({ release }) => release)).toEqual([
    'v1.1.1',
    'v1.1.0',
    'v1.0.0',
  ])
})
