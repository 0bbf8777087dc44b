import { expect } from 'vitest'
import type { ReadCount, ReadStore } from '../../api/store/read-store.ts'
import type { StoreCase } from '../support/registry-contract.ts'
import { expectFailure } from './prompt-store/harness.ts'

const KEEP = 90
const DAY = '2026-01-31'

function count(fields: Partial<ReadCount> = {}): ReadCount {
  return { promptId: 'p', version: 'aa11', application: 'triage', day: DAY, reads: 1, ...fields }
}

async function all(reads: ReadStore, id = 'p', from = '2000-01-01', limit = 100): Promise<ReadCount[]> {
  const items: ReadCount[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1000; pages++) {
    const page = await reads.list(id, { from, limit, cursor })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    if (page.next === null) return items
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

export const readStoreCases: readonly StoreCase[] = [
  {
    name: 'finds no reads of a prompt that nobody has read',
    async run({ reads }) {
      await reads.add([], KEEP)
      await reads.add([count({ promptId: 'p2' })], KEEP)
      expect(await reads.list('p', { from: '2000-01-01', limit: 10 })).toEqual({ items: [], next: null })
    },
  },
  {
    name: 'returns counts as they were added, by day, application and version',
    async run({ reads }) {
      const counts = [
        count({ day: '2026-01-30', application: 'zeta/agent_1', version: '1.0.0+a_b', reads: 12_345 }),
        count({ application: 'a', version: 'B' }),
        count({ application: 'a', version: 'a' }),
        count({ application: 'a-b' }),
        count({ application: 'unknown', reads: 2 }),
      ]
      await reads.add([...counts].reverse(), KEEP)
      expect(await all(reads)).toEqual(counts)
    },
  },
  {
    name: 'adds to the reads of the same day, application and version',
    async run({ reads }) {
      await reads.add([count({ reads: 3 }), count({ version: 'bb22', reads: 10 })], KEEP)
      await reads.add([count({ reads: 4 })], KEEP)
      expect(await all(reads)).toEqual([count({ reads: 7 }), count({ version: 'bb22', reads: 10 })])
    },
  },
  {
    name: 'loses no count of concurrent additions',
    async run({ reads }) {
      const additions = Array.from({ length: 8 }, (_, n) => reads.add([count({ reads: 2 ** n })], KEEP))
      await Promise.all(additions)
      expect(await all(reads)).toEqual([count({ reads: 255 })])
    },
  },
  {
    name: 'lists the counts since a day',
    async run({ reads }) {
      const days = ['2025-12-31', '2026-01-01', '2026-01-02']
      await reads.add(
        days.map((day) => count({ day })),
        KEEP,
      )
      expect(await all(reads, 'p', '2026-01-01')).toEqual([
        count({ day: '2026-01-01' }),
        count({ day: '2026-01-02' }),
      ])
    },
  },
  {
    name: 'lists counts page by page, each once',
    async run({ reads }) {
      const versions = ['a', 'a.1', 'a1', 'b', 'c']
      const counts = ['a', 'a-b', 'a.b'].flatMap((application) =>
        versions.map((version) => count({ application, version })),
      )
      await reads.add(counts, KEEP)
      for (const limit of [1, 2, 15]) expect(await all(reads, 'p', DAY, limit), `by ${limit}`).toEqual(counts)
    },
  },
  {
    name: 'refuses a cursor that it did not return',
    async run({ reads }) {
      await expect(reads.list('p', { from: DAY, limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'invalid_request',
      })
    },
  },
  {
    name: 'counts ids that differ by case as one prompt, and no others',
    async run({ reads }) {
      await reads.add([count({ promptId: 'Team/P' }), count({ promptId: 'team/p2' })], KEEP)
      await reads.add([count({ promptId: 'team/p' })], KEEP)
      expect(await all(reads, 'Team/P')).toEqual([count({ promptId: 'Team/P', reads: 2 })])
    },
  },
  {
    name: 'takes as many counts as it promises in one addition',
    async run({ reads }) {
      const counts = Array.from({ length: reads.mostCounts }, (_, n) =>
        count({ version: `v${String(n).padStart(6, '0')}` }),
      )
      await reads.add(counts, KEEP)
      const found = await all(reads, 'p', DAY, 1000)
      expect(found.length).toBe(reads.mostCounts)
      expect(found.at(-1)).toEqual(counts.at(-1))
    },
  },
  {
    name: 'keeps counts for as many days as it was told',
    async run({ reads }) {
      await reads.add([count({ day: '2026-01-01' })], 30)
      await reads.add([count({ day: '2026-01-31' })], 30)
      expect((await all(reads)).map(({ day }) => day)).toEqual(['2026-01-01', '2026-01-31'])
    },
  },
  {
    name: 'still has the counts after it was opened again',
    needs: 'reopen',
    async run({ reads, reopen }) {
      await reads.add([count()], KEEP)
      const again = await reopen?.()
      await again?.reads.add([count()], KEEP)
      expect(await all(again?.reads ?? reads)).toEqual([count({ reads: 2 })])
    },
  },
  {
    name: 'fails with a code while there is nothing behind it',
    needs: 'unreachable',
    async run({ reads }) {
      await expectFailure('add', reads.add([count()], KEEP))
      await expectFailure('list', reads.list('p', { from: DAY, limit: 1 }))
    },
  },
]
