import { expect, test } from 'vitest'
import { fuzzTheContract, fuzzTheEvents, fuzzTheSocket, fuzzTheWebhooks } from '../support/fuzz/attacks.ts'

const MINUTES = 60_000
const MIB = 1024 * 1024

test.each([
  ['requests made from the contract', fuzzTheContract, 10_000],
  ['bytes that are no request', fuzzTheSocket, 3_000],
  ['events that AWS would not send', fuzzTheEvents, 10_000],
  ['deliveries of strangers', fuzzTheWebhooks, 10_000],
])(
  '%s neither break nor hang the receiver, nor fill its memory',
  { timeout: 20 * MINUTES },
  async (_, fuzz, count) => {
    await fuzz(count / 10)
    const before = process.memoryUsage().rss
    await fuzz(count)
    expect((process.memoryUsage().rss - before) / MIB).toBeLessThan(500)
  },
)
