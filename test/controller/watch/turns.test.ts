import { expect, test } from 'vitest'
import { createTurns } from '../../../controller/watch/turns.ts'
import { quiet } from '../../support/virtual-time.ts'

test('a limited number run at once, and the others follow in order', async () => {
  const inTurn = createTurns(2)
  const started: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const all = gates.map(({ promise }, index) =>
    inTurn(async () => {
      started.push(index)
      await promise
      return index
    }),
  )
  await quiet()
  expect(started).toEqual([0, 1])
  gates[1]?.resolve()
  await quiet()
  expect(started).toEqual([0, 1, 2])
  for (const { resolve } of gates) resolve()
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4])
})

test('failed work frees its slot for the next', async () => {
  const inTurn = createTurns(1)
  const failing = inTurn(() => Promise.reject(new Error('lost')))
  const next = inTurn(async () => 'done')
  await expect(failing).rejects.toThrow('lost')
  expect(await next).toBe('done')
  expect(await inTurn(async () => 'again')).toBe('again')
})
