import { expect } from 'vitest'
import type { LedgerEntry } from '../../api/contract/registry-api.ts'
import type { FindingChanges, SourceRecord, StoredFinding } from '../../api/store/source-records.ts'
import type { SourceStore } from '../../api/store/source-store.ts'
import { sourceRecord } from '../support/registry-records.ts'
import { expectFailure, type OpenStores, type StoreNeed } from './prompt-store/harness.ts'

export interface SourceStoreCase {
  readonly name: string
  readonly needs?: StoreNeed
  run(stores: OpenStores): Promise<void>
}

const entry = (tag: string, digit = 'a'): LedgerEntry => ({ tag, commit: digit.repeat(40) })

/** Writes a record over the one before, as a compare-and-set. */
async function write(
  sources: SourceStore,
  record: SourceRecord,
  ledger: readonly LedgerEntry[] = [],
  findings?: FindingChanges,
): Promise<SourceRecord> {
  expect(await sources.replace(record, record.version - 1, ledger, findings), 'a write in order').toBe(true)
  return record
}

/** The record that comes after `before`, with what the ledger is to gain. */
function next(before: SourceRecord, ledger: readonly LedgerEntry[] = []): SourceRecord {
  return {
    ...before,
    version: before.version + 1,
    revision: before.revision + 1,
    state: { watermark: `state ${before.revision + 1}` },
    ledgerLength: before.ledgerLength + ledger.length,
  }
}

async function wholeLedger(sources: SourceStore, name: string, limit = 100): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  let cursor: string | undefined
  for (let count = 0; count < 1000; count++) {
    const page = await sources.ledger(name, { limit, cursor })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    entries.push(...page.items)
    if (page.next === null) return entries
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

async function names(sources: SourceStore, limit: number): Promise<string[]> {
  const found: string[] = []
  let cursor: string | undefined
  for (let count = 0; count < 1000; count++) {
    const page = await sources.list({ limit, cursor })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    found.push(...page.items.map(({ name }) => name))
    if (page.next === null) return found
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

/** Expects that a write is refused and leaves the source as it is. */
async function expectRefused(
  sources: SourceStore,
  record: SourceRecord,
  expectedVersion: number,
  ledger: readonly LedgerEntry[] = [],
): Promise<void> {
  const before = { record: await sources.get(record.name), ledger: await wholeLedger(sources, record.name) }
  expect(await sources.replace(record, expectedVersion, ledger)).toBe(false)
  expect({ record: await sources.get(record.name), ledger: await wholeLedger(sources, record.name) }).toEqual(
    before,
  )
}

function finding(code: string, name: string, message = 'A sentence.'): StoredFinding {
  return {
    code,
    subject: { kind: 'file', name },
    message,
    cause: null,
    first_seen: '2026-01-31T12:00:00.000Z',
  }
}

async function allFindings(
  sources: SourceStore,
  name: string,
  limit = 100,
  code?: string,
): Promise<StoredFinding[]> {
  const found: StoredFinding[] = []
  let cursor: string | undefined
  for (let count = 0; count < 1000; count++) {
    const page = await sources.findings(name, { limit, cursor, code })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    found.push(...page.items)
    if (page.next === null) return found
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

const records: readonly SourceStoreCase[] = [
  {
    name: 'finds nothing of a source that was never written',
    async run({ sources }) {
      expect(await sources.get('git')).toBeUndefined()
      expect(await sources.list({ limit: 10 })).toEqual({ items: [], next: null })
      expect(await sources.ledger('git', { limit: 10 })).toEqual({ items: [], next: null })
    },
  },
  {
    name: 'gives a record back as it was written, every field of it',
    async run({ sources }) {
      const record = sourceRecord('git', {
        revision: 4,
        state: { refs: { 'v1.0.0': 'é 😀\r\n' }, list: [1, null, true, { deep: [] }], empty: {} },
        attention: 3,
        leaseToken: 12,
        lease: { holder: 'host "a"', token: 12, expiresAt: 1_790_000_000_123 },
        forgotten: { at: '2026-02-01T00:00:00.000Z', actor: 'ada', reason: null, deleted: true },
      })
      await write(sources, record)
      expect(await sources.get('git')).toEqual(record)
      expect(await sources.list({ limit: 10 })).toEqual({ items: [record], next: null })
      const emptied = { ...next(record), state: null, lease: null, updatedAt: null }
      await write(sources, emptied)
      expect(await sources.get('git')).toEqual(emptied)
    },
  },
]

const findings: readonly SourceStoreCase[] = [
  {
    name: 'keeps findings by code and subject, page by page, and replaces and removes them',
    async run({ sources }) {
      const odd = ['prompts/ü 😀#!.md', 'a'.repeat(1024), `${'a'.repeat(1023)}b`, '']
      const put = ['quarantined', 'refused'].flatMap((code) => odd.map((name) => finding(code, name)))
      const tag: StoredFinding = { ...finding('refused', 'v1'), subject: { kind: 'tag', name: 'v1' } }
      const first = await write(sources, sourceRecord('git'), [], { put: [...put, tag], remove: [] })
      await write(sources, sourceRecord('other'), [], { put: [finding('refused', 'x')], remove: [] })
      const byKey = (all: readonly StoredFinding[]) =>
        new Map(all.map((one) => [JSON.stringify([one.code, one.subject]), one]))
      for (const limit of [1, 4, 100])
        expect(byKey(await allFindings(sources, 'git', limit))).toEqual(byKey([...put, tag]))
      const codes = (await allFindings(sources, 'git')).map(({ code }) => code)
      expect(codes).toEqual([...codes].sort())
      expect(await allFindings(sources, 'git', 2, 'quarantined')).toHaveLength(4)
      expect(await allFindings(sources, 'git', 2, 'quarantine')).toEqual([])

      const changed = finding('refused', 'x', 'Another sentence.')
      const replaced = { ...tag, message: 'News.' }
      await write(sources, next(first), [], {
        put: [changed, replaced],
        remove: [...put, finding('no', 'no')],
      })
      expect(byKey(await allFindings(sources, 'git'))).toEqual(byKey([changed, replaced]))
      expect(await allFindings(sources, 'other')).toEqual([finding('refused', 'x')])
    },
  },
  {
    name: 'takes more findings in one write than a transaction has room for',
    async run({ sources }) {
      const put = Array.from({ length: 250 }, (_, index) => finding('quarantined', `p${index}.md`))
      const first = await write(sources, sourceRecord('git'), [], { put, remove: [] })
      expect(await allFindings(sources, 'git')).toHaveLength(250)
      await write(sources, next(first), [], { put: [], remove: put.slice(1) })
      expect(await allFindings(sources, 'git')).toEqual(put.slice(0, 1))
    },
  },
  {
    name: 'changes no finding with a write that is refused',
    async run({ sources }) {
      const kept = finding('refused', 'a')
      const first = await write(sources, sourceRecord('git'), [], { put: [kept], remove: [] })
      await write(sources, next(first))
      for (const count of [1, 250]) {
        const put = Array.from({ length: count }, (_, index) => finding('refused', `late ${index}`))
        expect(await sources.replace(next(first), 1, [], { put, remove: [kept] })).toBe(false)
        expect(await allFindings(sources, 'git')).toEqual([kept])
      }
    },
  },
]

const writes: readonly SourceStoreCase[] = [
  {
    name: 'refuses a first write where the source is there already, and writes nothing of it',
    async run({ sources }) {
      await write(sources, sourceRecord('git'))
      const other = sourceRecord('git', { state: { watermark: 'other' }, ledgerLength: 1 })
      await expectRefused(sources, other, 0, [entry('v1.0.0')])
    },
  },
  {
    name: 'refuses a write that was decided on an older version, and writes nothing of it',
    async run({ sources }) {
      const first = await write(sources, sourceRecord('git'))
      await write(sources, next(first))
      const late = [entry('v1.0.0')]
      await expectRefused(sources, next(first, late), 1, late)
      await expectRefused(sources, next(first, late), 0, late)
    },
  },
  {
    name: 'refuses a write over a source that is not there',
    async run({ sources }) {
      const late = [entry('v1.0.0')]
      await expectRefused(sources, sourceRecord('git', { version: 4, ledgerLength: 1 }), 3, late)
      expect(await sources.get('git')).toBeUndefined()
    },
  },
  {
    name: 'lets exactly one of many writes over the same version win',
    async run({ sources }) {
      const first = await write(sources, sourceRecord('git'))
      const rivals = Array.from({ length: 12 }, (_, index) => {
        const ledger = [entry(`tag-${index}`)]
        return { record: { ...next(first, ledger), state: { by: index } }, ledger }
      })
      const won = await Promise.all(rivals.map(({ record, ledger }) => sources.replace(record, 1, ledger)))
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = rivals[won.indexOf(true)]
      expect(await sources.get('git')).toEqual(winner?.record)
      expect(await wholeLedger(sources, 'git')).toEqual(winner?.ledger)
    },
  },
  {
    name: 'shows a write that has answered to every read that starts after it',
    async run({ sources }) {
      let record = await write(sources, sourceRecord('git'))
      for (let turn = 0; turn < 10; turn++) {
        const added = [entry(`v${turn}`)]
        record = await write(sources, next(record, added), added)
        expect(await sources.get('git')).toEqual(record)
        expect(await wholeLedger(sources, 'git')).toHaveLength(turn + 1)
        expect((await sources.list({ limit: 1 })).items).toEqual([record])
      }
    },
  },
]

const ledgers: readonly SourceStoreCase[] = [
  {
    name: 'keeps the ledger in the order of appending, page by page to the end',
    async run({ sources }) {
      const deltas = [['z', 'a'], [], ['m'], ['Z', 'ü', 'a/b', '1.10.0', '1.9.0']]
      let record = await write(sources, sourceRecord('git'))
      for (const tags of deltas) {
        const added = tags.map((tag, index) => entry(tag, String(index)))
        record = await write(sources, next(record, added), added)
      }
      const expected = deltas.flatMap((tags) => tags.map((tag, index) => entry(tag, String(index))))
      for (const limit of [1, 3, 8, 100])
        expect(await wholeLedger(sources, 'git', limit), `pages of ${limit}`).toEqual(expected)
    },
  },
  {
    name: 'appends to the ledger with the very first write',
    async run({ sources }) {
      const added = [entry('v1'), entry('v2')]
      await write(sources, sourceRecord('git', { ledgerLength: 2 }), added)
      expect(await wholeLedger(sources, 'git')).toEqual(added)
    },
  },
  {
    name: 'refuses a tag that the ledger has already, and writes nothing of that write',
    async run({ sources }) {
      const first = await write(sources, sourceRecord('git', { ledgerLength: 1 }), [entry('v1')])
      const twice = [entry('v2'), entry('v1', 'b')]
      await expectRefused(sources, next(first, twice), 1, twice)
      await expectRefused(sources, next(first, [entry('v1')]), 1, [entry('v1')])
      expect(await wholeLedger(sources, 'git')).toEqual([entry('v1')])
    },
  },
  {
    name: 'refuses a write that brings one tag twice, and writes nothing of it',
    async run({ sources }) {
      const first = await write(sources, sourceRecord('git'))
      const twice = [entry('v1'), entry('v2'), entry('v1', 'b')]
      await expectRefused(sources, next(first, twice), 1, twice)
    },
  },
  {
    name: 'takes tags for different that differ by case or belong to different sources',
    async run({ sources }) {
      const tags = [entry('v1'), entry('V1', 'b')]
      await write(sources, sourceRecord('git', { ledgerLength: 2 }), tags)
      await write(sources, sourceRecord('Git', { ledgerLength: 1 }), [entry('v1', 'c')])
      expect(await wholeLedger(sources, 'git')).toEqual(tags)
      expect(await wholeLedger(sources, 'Git')).toEqual([entry('v1', 'c')])
    },
  },
]

const storage: readonly SourceStoreCase[] = [
  {
    name: 'lists sources by name, page by page to the end',
    async run({ sources }) {
      const all = ['b', 'a', 'a-1', 'a.1', 'B', 'a1', 'a_1']
      for (const name of all) await write(sources, sourceRecord(name))
      for (const limit of [1, 2, all.length, 100])
        expect(await names(sources, limit), `pages of ${limit}`).toEqual([...all].sort())
    },
  },
  {
    name: 'keeps a state of the largest size',
    async run({ sources }) {
      const state = { text: 'é'.repeat(120 * 1024) }
      await write(sources, sourceRecord('git', { state }))
      expect((await sources.get('git'))?.state).toEqual(state)
    },
  },
  {
    name: 'has everything when it is opened again',
    needs: 'reopen',
    async run({ sources, reopen }) {
      const record = await write(sources, sourceRecord('git', { ledgerLength: 1 }), [entry('v1')])
      if (reopen === undefined) throw new Error('nothing to open again')
      const again = await reopen()
      expect(await again.sources.get('git')).toEqual(record)
      expect(await wholeLedger(again.sources, 'git')).toEqual([entry('v1')])
    },
  },
  {
    name: 'says that it is busy or unavailable when its storage cannot be reached',
    needs: 'unreachable',
    async run({ sources }) {
      await expectFailure('get', sources.get('git'))
      await expectFailure('list', sources.list({ limit: 1 }))
      await expectFailure('replace', sources.replace(sourceRecord('git'), 0, []))
      await expectFailure('ledger', sources.ledger('git', { limit: 1 }))
    },
  },
]

/** The cases by what they are about. */
export const sourceStoreKinds = [records, findings, writes, ledgers, storage]

/** Every promise of `SourceStore`, as cases that any adapter must pass. */
export const sourceStoreCases: readonly SourceStoreCase[] = sourceStoreKinds.flat()
