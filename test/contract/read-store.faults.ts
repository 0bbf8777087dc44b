import type { ReadCount, ReadStore } from '../../api/store/read-store.ts'
import type { Fault } from './prompt-store/faults/spoiling.ts'

type ReadFault = Fault<ReadStore>

const ONE: ReadCount = { promptId: 'p', version: 'v', application: 'a', day: '2026-01-01', reads: 1 }

const showing = (spoiled: (items: readonly ReadCount[]) => readonly ReadCount[]) => (right: ReadStore) =>
  ({
    async list(id, query) {
      const { items, next } = await right.list(id, query)
      return { items: spoiled(items), next }
    },
  }) satisfies Partial<ReadStore>

export const readFaults: readonly ReadFault[] = [
  {
    name: 'invents a read',
    caught: 'finds no reads of a prompt that nobody has read',
    spoil: showing((items) => (items.length === 0 ? [ONE] : items)),
  },
  {
    name: 'sorts without regard to case',
    caught: 'returns counts as they were added, by day, application and version',
    spoil: showing((items) =>
      [...items].sort((a, b) => a.day.localeCompare(b.day) || a.version.localeCompare(b.version)),
    ),
  },
  {
    name: 'replaces earlier counts',
    caught: 'adds to the reads of the same day, application and version',
    spoil: (right) => {
      const last = new Map<string, number>()
      return {
        async add(counts, keepDays) {
          for (const { version, reads } of counts) last.set(version, reads)
          await right.add(counts, keepDays)
        },
        list: async (id, query) => {
          const { items, next } = await right.list(id, query)
          return { items: items.map((one) => ({ ...one, reads: last.get(one.version) ?? 0 })), next }
        },
      }
    },
  },
  {
    name: 'drops an addition while another one is made',
    caught: 'loses no count of concurrent additions',
    spoil: (right) => {
      let busy = false
      return {
        async add(counts, keepDays) {
          if (busy) return
          busy = true
          await right.add(counts, keepDays)
          busy = false
        },
      }
    },
  },
  {
    name: 'ignores the first day',
    caught: 'lists the counts since a day',
    spoil: (right) => ({ list: (id, query) => right.list(id, { ...query, from: '2000-01-01' }) }),
  },
  {
    name: 'ends after one page',
    caught: 'lists counts page by page, each once',
    spoil: (right) => ({ list: async (id, query) => ({ ...(await right.list(id, query)), next: null }) }),
  },
  {
    name: 'takes any cursor as the start',
    caught: 'refuses a cursor that it did not return',
    spoil: (right) => ({ list: (id, query) => right.list(id, { ...query, cursor: undefined }) }),
  },
  {
    name: 'tells ids apart by case',
    caught: 'counts ids that differ by case as one prompt, and no others',
    spoil: (right) => ({
      add: (counts, keepDays) =>
        right.add(
          counts.map((one) => ({ ...one, promptId: `${one.promptId}-${one.promptId === 'team/p'}` })),
          keepDays,
        ),
      list: (id, query) => right.list(`${id}-false`, query),
    }),
  },
  {
    name: 'drops the end of a large addition',
    caught: 'takes as many counts as it promises in one addition',
    spoil: (right) => ({ add: (counts, keepDays) => right.add(counts.slice(0, 50), keepDays) }),
  },
  {
    name: 'keeps the newest day only',
    caught: 'keeps counts for as many days as it was told',
    spoil: showing((items) => items.slice(-1)),
  },
  {
    name: 'forgets when it is opened again',
    caught: 'still has the counts after it was opened again',
    spoil: () => ({}),
    reopened:
      ({ reads, reopen }) =>
      async () => {
        const again = await reopen?.()
        if (again === undefined) throw new Error('This adapter cannot be opened again.')
        return { ...again, reads: { ...again.reads, add: async () => undefined, list: reads.list } }
      },
  },
  {
    name: 'reports success with nothing behind it',
    caught: 'fails with a code while there is nothing behind it',
    spoil: () => ({ add: async () => undefined }),
  },
]
