import type { LedgerEntry } from '../../api/contract/registry-api.ts'
import type { SourceRecord } from '../../api/store/source-records.ts'
import type { SourceStore } from '../../api/store/source-store.ts'
import type { Fault } from './prompt-store/faults/spoiling.ts'

const DUPLICATE = 'refuses a tag that the ledger has already, and writes nothing of that write'
const IN_ORDER = 'keeps the ledger in the order of appending, page by page to the end'

const showing = (spoiled: (record: SourceRecord) => SourceRecord) => (right: SourceStore) => ({
  async get(name: string) {
    const record = await right.get(name)
    return record === undefined ? undefined : spoiled(record)
  },
})

/** Writes whatever version the record was decided on. */
const forcing = (when: (expected: number, there: number) => boolean) => (right: SourceStore) => ({
  async replace(record: SourceRecord, expected: number, ledger: readonly LedgerEntry[]) {
    const there = (await right.get(record.name))?.version ?? 0
    return await right.replace(record, when(expected, there) ? there : expected, ledger)
  },
})

/** A second ledger, kept beside the right one in a way of its own. */
function ownLedger(right: SourceStore, add: (all: LedgerEntry[], added: readonly LedgerEntry[]) => void) {
  const ledgers = new Map<string, LedgerEntry[]>()
  const of = (name: string) => ledgers.get(name) ?? []
  return {
    async replace(record: SourceRecord, expected: number, ledger: readonly LedgerEntry[]) {
      const all = of(record.name)
      if (!(await right.replace(record, expected, []))) return false
      add(all, ledger)
      ledgers.set(record.name, all)
      return true
    },
    async ledger(name: string, { limit, cursor }: { limit: number; cursor?: string | undefined }) {
      const start = Number(cursor ?? 0)
      const items = of(name).slice(start, start + limit)
      return { items, next: start + limit < of(name).length ? String(start + limit) : null }
    },
  }
}

export const sourceFaults: readonly Fault<SourceStore>[] = [
  {
    name: 'invents a source that was never written',
    caught: 'finds nothing of a source that was never written',
    spoil: (right) => ({ get: async (name) => (await right.get(name)) ?? ({ name } as SourceRecord) }),
  },
  {
    name: 'keeps seconds of a lease',
    caught: 'gives a record back as it was written, every field of it',
    spoil: showing((record) => ({
      ...record,
      lease: record.lease && {
        ...record.lease,
        expiresAt: Math.floor(record.lease.expiresAt / 1000) * 1000,
      },
    })),
  },
  {
    name: 'keeps what a later record no longer has',
    caught: 'gives a record back as it was written, every field of it',
    spoil: (right) => ({
      async replace(record, expected, ledger) {
        const lease = record.lease ?? (await right.get(record.name))?.lease ?? null
        return await right.replace({ ...record, lease }, expected, ledger)
      },
    }),
  },
  {
    name: 'keeps one finding a subject',
    caught: 'keeps findings by code and subject, page by page, and replaces and removes them',
    spoil: (right) => ({
      async findings(name, query) {
        const page = await right.findings(name, query)
        return { ...page, items: [...new Map(page.items.map((one) => [one.subject.name, one])).values()] }
      },
    }),
  },
  {
    name: 'never removes a finding',
    caught: 'keeps findings by code and subject, page by page, and replaces and removes them',
    spoil: (right) => ({
      replace: (record, expected, ledger, findings) =>
        right.replace(record, expected, ledger, { put: findings?.put ?? [], remove: [] }),
    }),
  },
  {
    name: 'takes a hundred findings at most',
    caught: 'takes more findings in one write than a transaction has room for',
    spoil: (right) => ({
      replace: (record, expected, ledger, { put, remove } = { put: [], remove: [] }) =>
        right.replace(record, expected, ledger, { put: put.slice(0, 100), remove: remove.slice(0, 100) }),
    }),
  },
  {
    name: 'writes the findings of a write that it refuses',
    caught: 'changes no finding with a write that is refused',
    spoil: (right) => ({
      async replace(record, expected, ledger, findings) {
        const done = await right.replace(record, expected, ledger, findings)
        const there = done ? undefined : await right.get(record.name)
        if (there !== undefined)
          await right.replace({ ...there, version: there.version + 1 }, there.version, [], findings)
        return done
      },
    }),
  },
  {
    name: 'overwrites a source that is there with a first write',
    caught: 'refuses a first write where the source is there already, and writes nothing of it',
    spoil: forcing((expected) => expected === 0),
  },
  {
    name: 'does not look at the expected version',
    caught: 'refuses a write that was decided on an older version, and writes nothing of it',
    spoil: forcing(() => true),
  },
  {
    name: 'says no, but appends to the ledger',
    caught: 'refuses a write that was decided on an older version, and writes nothing of it',
    spoil: (right) => ({
      async replace(record, expected, ledger) {
        const done = await right.replace(record, expected, ledger)
        const there = done ? undefined : await right.get(record.name)
        if (there !== undefined)
          await right.replace(
            { ...there, ledgerLength: there.ledgerLength + ledger.length },
            there.version,
            ledger,
          )
        return done
      },
    }),
  },
  {
    name: 'makes the source that a write misses',
    caught: 'refuses a write over a source that is not there',
    spoil: forcing((_, there) => there === 0),
  },
  {
    name: 'tells everybody that they won',
    caught: 'lets exactly one of many writes over the same version win',
    spoil: (right) => ({ replace: async (...write) => (await right.replace(...write)) || true }),
  },
  {
    name: 'remembers a record for a while',
    caught: 'shows a write that has answered to every read that starts after it',
    spoil: (right) => {
      let calls = 0
      let remembered: SourceRecord | undefined
      return {
        async get(name) {
          if (calls++ % 3 === 0) remembered = await right.get(name)
          return remembered
        },
      }
    },
  },
  {
    name: 'answers before it has written',
    caught: 'shows a write that has answered to every read that starts after it',
    spoil: (right) => ({
      async replace(...write) {
        right.replace(...write).catch(() => undefined)
        return true
      },
    }),
  },
  {
    name: 'lists the ledger by tag',
    caught: IN_ORDER,
    spoil: (right) =>
      ownLedger(right, (all, added) => {
        all.push(...added)
        all.sort((a, b) => (a.tag < b.tag ? -1 : 1))
      }),
  },
  {
    name: 'drops the last entry of a page',
    caught: IN_ORDER,
    spoil: (right) => ({
      async ledger(name, query) {
        const page = await right.ledger(name, query)
        return page.next === null ? page : { ...page, items: page.items.slice(0, -1) }
      },
    }),
  },
  {
    name: 'has no ledger before the second write',
    caught: 'appends to the ledger with the very first write',
    spoil: (right) => ({
      replace: (record, expected, ledger) => right.replace(record, expected, expected === 0 ? [] : ledger),
    }),
  },
  {
    name: 'accepts a tag again',
    caught: DUPLICATE,
    spoil: (right) => ownLedger(right, (all, added) => void all.push(...added)),
  },
  {
    name: 'moves a tag that is there already',
    caught: DUPLICATE,
    spoil: (right) =>
      ownLedger(right, (all, added) => {
        for (const entry of added) {
          const at = all.findIndex(({ tag }) => tag === entry.tag)
          if (at === -1) all.push(entry)
          else all[at] = entry
        }
      }),
  },
  {
    name: 'leaves out a tag that is there already and writes the rest',
    caught: DUPLICATE,
    spoil: (right) => ({
      async replace(record, expected, ledger) {
        const { items } = await right.ledger(record.name, { limit: 1000 })
        const fresh = ledger.filter(({ tag }) => items.every((known) => known.tag !== tag))
        return await right.replace(record, expected, fresh)
      },
    }),
  },
  {
    name: 'takes the first of a tag that is brought twice',
    caught: 'refuses a write that brings one tag twice, and writes nothing of it',
    spoil: (right) => ({
      replace: (record, expected, ledger) =>
        right.replace(record, expected, [
          ...new Map([...ledger].reverse().map((entry) => [entry.tag, entry])).values(),
        ]),
    }),
  },
  {
    name: 'takes tags of different sources for one',
    caught: 'takes tags for different that differ by case or belong to different sources',
    spoil: (right) => {
      const seen = new Set<string>()
      return {
        async replace(record, expected, ledger) {
          if (ledger.some(({ tag }) => seen.has(tag))) return false
          for (const { tag } of ledger) seen.add(tag)
          return await right.replace(record, expected, ledger)
        },
      }
    },
  },
  {
    name: 'lists sources as people do',
    caught: 'lists sources by name, page by page to the end',
    spoil: (right) => ({
      async list({ limit, cursor }) {
        const { items } = await right.list({ limit: 1000 })
        const sorted = [...items].sort((a, b) => a.name.localeCompare(b.name))
        const start = Number(cursor ?? 0)
        const end = start + limit
        return { items: sorted.slice(start, end), next: end < sorted.length ? String(end) : null }
      },
    }),
  },
  {
    name: 'stops after the first page',
    caught: 'lists sources by name, page by page to the end',
    spoil: (right) => ({ list: async (query) => ({ ...(await right.list(query)), next: null }) }),
  },
  {
    name: 'drops a state that is large',
    caught: 'keeps a state of the largest size',
    spoil: showing((record) => ({
      ...record,
      state: JSON.stringify(record.state).length > 64 * 1024 ? null : record.state,
    })),
  },
  {
    name: 'has lost its ledger when it is opened again',
    caught: 'has everything when it is opened again',
    spoil: () => ({}),
    reopened:
      ({ reopen }) =>
      async () => {
        const again = await reopen?.()
        if (again === undefined) throw new Error('nothing to open again')
        return { ...again, sources: { ...again.sources, ledger: async () => ({ items: [], next: null }) } }
      },
  },
  {
    name: 'takes a storage that it cannot reach for an empty one',
    caught: 'says that it is busy or unavailable when its storage cannot be reached',
    spoil: (right) => ({ get: (name) => right.get(name).catch(() => undefined) }),
  },
]
