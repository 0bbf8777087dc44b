import { expect, test } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import { toRequests } from '../../../controller/pass/batches.ts'
import type { PushChange } from '../../../controller/plan/changes.ts'

const skill = (count: number, bytes: number, binary?: true) =>
  ({
    do: 'push',
    files: Array.from({ length: count }, (_, index) => ({
      path: `${index}`,
      bytes,
      ...(binary && { binary }),
    })),
  }) as unknown as PushChange

test('a request has room for the escapes of its texts in JSON', () => {
  const push = { do: 'push' } as unknown as PushChange
  const changes = Array.from({ length: 20 }, () => ({ ...push }))
  const text = { content: '"\n'.repeat(60_000), frontMatter: '', sidecars: null }
  const requests = toRequests(changes, new Map(changes.map((change) => [change, text])))
  expect(requests.flat()).toEqual(changes)
  for (const part of requests)
    expect(Buffer.byteLength(JSON.stringify(part.map(() => text)))).toBeLessThan(LIMITS.bodyBytes)
  expect(requests.length).toBeLessThan(8)
})

test('a request has few files of skill folders, and a skill is never divided', () => {
  const sizes = (batch: readonly PushChange[]) => toRequests(batch, new Map()).map((part) => part.length)
  expect(sizes([skill(500, 10), skill(500, 10)])).toEqual([1, 1])
  expect(sizes([skill(100, 10), skill(100, 10), skill(500, 10)])).toEqual([2, 1])
  expect(sizes([skill(2, 300_000), skill(2, 300_000)])).toEqual([1, 1])
  expect(sizes([skill(500, 10_000, true), skill(500, 10_000, true)])).toEqual([2])
})
