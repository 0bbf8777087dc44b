import { expect, test } from 'vitest'
import { eachAtOnce } from '../../../api/contract/each-at-once.ts'

test('runs so many at a time, and begins the next when one ends', async () => {
  const begun: number[] = []
  const ends = new Map<number, () => void>()
  const done = eachAtOnce(2, [1, 2, 3], (item) => {
    begun.push(item)
    const { promise, resolve } = Promise.withResolvers<void>()
    ends.set(item, resolve)
    return promise
  })
  expect(begun).toEqual([1, 2])
  ends.get(2)?.()
  await expect.poll(() => begun).toEqual([1, 2, 3])
  ends.get(1)?.()
  ends.get(3)?.()
  await done
})

test('rejects with the first failure, and begins nothing after it', async () => {
  const begun: number[] = []
  const work = eachAtOnce(2, [1, 2, 3, 4], async (item) => {
    begun.push(item)
    if (item === 2) throw new Error('no')
  })
  await expect(work).rejects.toThrow('no')
  await Promise.resolve()
  expect(begun).not.toContain(4)
})

test('takes nothing from an iterable before there is room for it', async () => {
  let taken = 0
  function* items() {
    for (;;) yield ++taken
  }
  const failing = eachAtOnce(3, items(), async (item) => {
    if (item === 5) throw new Error('enough')
  })
  await expect(failing).rejects.toThrow('enough')
  expect(taken).toBeLessThanOrEqual(5 + 3)
})
