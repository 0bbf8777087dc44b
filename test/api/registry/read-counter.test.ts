import { expect, test } from 'vitest'
import { RegistryError } from '../../../api/contract/errors.ts'
import { ReadCounter, type ReadCounterOptions } from '../../../api/registry/read-counter.ts'
import { storeReads } from '../../../api/registry/store-reads.ts'
import type { ReadCount, ReadStore } from '../../../api/store/read-store.ts'

const READ = { promptId: 'p', version: 'v' }

function counter(options: Partial<ReadCounterOptions> = {}) {
  const clock = { now: Date.parse('2026-01-31T23:59:59.999Z') }
  return { counted: new ReadCounter({ now: () => clock.now, random: () => 0, ...options }), clock }
}

/** A store that fails as told, and keeps what it was given. */
function store(failures: unknown[] = [], mostCounts = 2) {
  const added: (readonly ReadCount[])[] = []
  const reads: ReadStore = {
    mostCounts,
    async add(counts) {
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      added.push(counts)
    },
    list: async () => ({ items: [], next: null }),
  }
  return { reads, added }
}

test('reads are counted by prompt, version, application and day', () => {
  const { counted, clock } = counter()
  counted.count('a', READ)
  counted.count('a', READ)
  counted.count('b', READ)
  counted.count('a', { ...READ, version: 'w' })
  clock.now += 1
  counted.count('a', READ)
  const read = { ...READ, application: 'a', day: '2026-01-31', reads: 1 }
  expect(counted.take(10)).toEqual([
    { ...read, reads: 2 },
    { ...read, application: 'b' },
    { ...read, version: 'w' },
    { ...read, day: '2026-02-01' },
  ])
  expect(counted.isEmpty).toBe(true)
})

test('a sampled read counts for the others', () => {
  const numbers = Array.from({ length: 100 }, (_, n) => n / 100)
  const { counted } = counter({ rate: 0.25, random: () => numbers.shift() ?? 0 })
  for (let reads = 0; reads < 100; reads++) counted.count('a', READ)
  expect(counted.take(1)).toMatchObject([{ reads: 100 }])
})

test('memory is bounded: more combinations are not counted, and more applications are counted together', () => {
  const { counted, clock } = counter({ mostCounts: 3, mostApplications: 2 })
  for (const name of ['a', 'b', 'c', 'd']) counted.count(name, READ)
  counted.count('a', { ...READ, version: 'w' })
  counted.count('a', READ)
  expect(counted.take(10).map(({ application, reads }) => [application, reads])).toEqual([
    ['a', 2],
    ['b', 1],
    ['other', 2],
  ])
  clock.now += 1
  counted.count('c', READ)
  expect(counted.take(10)).toMatchObject([{ application: 'c' }])
})

test('counts are stored in as few additions as the store needs', async () => {
  const { counted } = counter()
  for (const version of ['1', '2', '3']) counted.count('a', { ...READ, version })
  const { reads, added } = store()
  await storeReads(counted, reads, 1)
  expect(added.map((counts) => counts.length)).toEqual([2])
  await storeReads(counted, reads)
  expect(added.map((counts) => counts.length)).toEqual([2, 1])
  await storeReads(counted, reads)
  expect(added).toHaveLength(2)
})

test('counts that were not stored are stored later, and those that may have been stored are not', async () => {
  const { counted } = counter({ rate: 0.5 })
  counted.count('a', READ)
  const busy = new RegistryError('busy', 'Busy.')
  const unconfirmed = new RegistryError('busy', 'Busy.', { details: { unconfirmed: true } })
  const { reads, added } = store([busy, undefined, unconfirmed])
  await expect(storeReads(counted, reads)).rejects.toBe(busy)
  counted.count('a', READ)
  await storeReads(counted, reads)
  expect(added).toMatchObject([[{ reads: 4 }]])
  counted.count('a', READ)
  await expect(storeReads(counted, reads)).rejects.toBe(unconfirmed)
  expect(counted.isEmpty).toBe(true)
})
