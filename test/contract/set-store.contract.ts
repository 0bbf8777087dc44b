import { expect } from 'vitest'
import { type ReleaseSet, setDigest } from '../../api/contract/release-set.ts'
import { sha256 } from '../../api/contract/version.ts'
import type { Page } from '../../api/store/prompt-store.ts'
import type { PointerChange, SetMove, SetPointer, StoredSet } from '../../api/store/set-records.ts'
import type { SetStore } from '../../api/store/set-store.ts'
import { scriptedPrompt, sourceRecord } from '../support/registry-records.ts'
import { expectFailure, type OpenStores, type StoreNeed } from './prompt-store/harness.ts'

export interface SetStoreCase {
  readonly name: string
  readonly needs?: StoreNeed
  run(stores: OpenStores): Promise<void>
}

const AT = Date.parse('2026-01-31T12:00:00.000Z')

function releaseSet(source: string, ...ids: readonly string[]): ReleaseSet {
  return { source, members: Object.fromEntries(ids.map((id) => [id, 'ab'.repeat(32)])) }
}

/** A move to a sequence from the one before. */
function moved(
  source: string,
  sequence: number,
  expectedSequence: number,
  fields: Partial<Omit<SetPointer, 'move'>> & { readonly move?: Partial<SetMove> } = {},
): PointerChange {
  const { move = {}, ...rest } = fields
  return {
    expectedSequence,
    pointer: {
      settling: false,
      hold: null,
      revocations: [],
      revocationsAfter: 0,
      ...rest,
      move: {
        ...{ source, sequence, set: 'ab'.repeat(32), release: null, act: 'release', actor: 'ada' },
        ...{ reason: null, previous: null, movedAt: new Date(AT).toISOString(), revoked: [] },
        ...move,
      },
    },
  }
}

async function paged<T>(read: (cursor?: string) => Promise<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let count = 0; count < 1000; count++) {
    const page = await read(cursor)
    expect(page.items.length).toBeLessThanOrEqual(limit)
    items.push(...page.items)
    if (page.next === null) return items
    cursor = page.next
  }
  return expect.unreachable('The pages never end.')
}

const allMoves = (sets: SetStore, source: string, limit = 100) =>
  paged((cursor) => sets.moves(source, { limit, cursor }), limit)
const allStored = (sets: SetStore, source: string, limit = 100) =>
  paged<StoredSet>((cursor) => sets.stored(source, { limit, cursor }), limit)

const pointers: readonly SetStoreCase[] = [
  {
    name: 'finds no pointer and no move of a source that has none',
    async run({ sets }) {
      expect(await sets.pointer('git')).toBeUndefined()
      expect(await sets.moves('git', { limit: 10 })).toEqual({ items: [], next: null })
    },
  },
  {
    name: 'returns a pointer as it was written, every field of it',
    async run({ sets }) {
      const change = moved('git', AT, 0, {
        settling: true,
        hold: { since: '2026-02-01T00:00:00.000Z', actor: 'host "a"', reason: 'é 😀', above: '1.10.0' },
        revocations: [{ sequence: AT, identity: 'cd'.repeat(32) }],
        revocationsAfter: 7,
        move: {
          ...{ act: 'rollback_source', reason: 'r', previous: 'ef'.repeat(32), revoked: ['cd'.repeat(32)] },
          proof: '12'.repeat(32),
        },
      })
      expect(await sets.move(change)).toBe(true)
      expect(await sets.pointer('git')).toEqual(change.pointer)
      expect(await allMoves(sets, 'git')).toEqual([change.pointer.move])
      const next = moved('git', AT + 1, AT, { move: { set: null } })
      expect(await sets.move(next)).toBe(true)
      expect(await sets.pointer('git')).toEqual(next.pointer)
    },
  },
  {
    name: 'refuses a move that is based on another sequence, and writes nothing of it',
    async run({ sets }) {
      await sets.move(moved('git', 5, 0))
      for (const expected of [0, 4, 6])
        expect(await sets.move(moved('git', 9, expected)), `based on ${expected}`).toBe(false)
      expect(await sets.move(moved('none', 9, 5))).toBe(false)
      expect(await sets.pointer('git')).toEqual(moved('git', 5, 0).pointer)
      expect(await allMoves(sets, 'git')).toHaveLength(1)
      expect(await sets.pointer('none')).toBeUndefined()
    },
  },
  {
    name: 'lets exactly one of many moves from the same sequence win',
    async run({ sets }) {
      await sets.move(moved('git', 5, 0))
      const rivals = Array.from({ length: 6 }, (_, n) => moved('git', 6 + n, 5, { move: { actor: `${n}` } }))
      const won = await Promise.all(rivals.map((change) => sets.move(change)))
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = rivals[won.indexOf(true)]?.pointer
      expect(await sets.pointer('git')).toEqual(winner)
      expect(await allMoves(sets, 'git')).toEqual([winner?.move, moved('git', 5, 0).pointer.move])
    },
  },
  {
    name: 'refuses a move once somebody took the lease of the source after its token',
    async run({ sets, sources }) {
      expect(await sets.move(moved('git', 1, 0), 0), 'a source without a record').toBe(true)
      const record = sourceRecord('git', { leaseToken: 3 })
      await sources.replace(record, 0, [])
      expect(await sets.move(moved('git', 2, 1), 2)).toBe(false)
      expect(await sets.move(moved('git', 2, 1), 3)).toBe(true)
      await sources.replace({ ...record, version: 2, leaseToken: 4 }, 1, [])
      expect(await sets.move(moved('git', 3, 2), 3)).toBe(false)
      expect(await sets.pointer('git')).toEqual(moved('git', 2, 1).pointer)
    },
  },
  {
    name: 'lists the moves of each source newest first, page by page to the end',
    async run({ sets }) {
      const sequences = [1, 9, 10, 1_790_000_000_000, 1_790_000_000_001]
      for (const source of ['git', 'Git'])
        for (const [n, sequence] of sequences.entries())
          expect(await sets.move(moved(source, sequence, sequences[n - 1] ?? 0))).toBe(true)
      for (const limit of [1, 2, sequences.length, 100]) {
        const found = await allMoves(sets, 'git', limit)
        expect(found.map(({ sequence }) => sequence)).toEqual([...sequences].reverse())
        expect(new Set(found.map(({ source }) => source))).toEqual(new Set(['git']))
      }
    },
  },
]

const together: readonly SetStoreCase[] = [
  {
    name: 'moves pointers with the commit of a prompt',
    async run({ sets, prompts }) {
      await sets.move(moved('git', 5, 0))
      const change = {
        ...scriptedPrompt('p').push('one'),
        pointers: [moved('git', 6, 5), moved('new', 6, 0)],
      }
      expect(await prompts.commit(change)).toBe(true)
      expect(await sets.pointer('git')).toEqual(moved('git', 6, 5).pointer)
      expect(await sets.pointer('new')).toEqual(moved('new', 6, 0).pointer)
      expect(await allMoves(sets, 'git')).toHaveLength(2)
    },
  },
  {
    name: 'refuses a commit as a whole if one of its pointers moved',
    async run({ sets, prompts }) {
      await sets.move(moved('git', 5, 0))
      const change = scriptedPrompt('p').push('one')
      const pointers = [moved('new', 6, 0), moved('git', 6, 4)]
      expect(await prompts.commit({ ...change, pointers })).toBe(false)
      expect(await prompts.snapshot('p')).toBeUndefined()
      expect(await sets.pointer('new')).toBeUndefined()
      expect(await sets.pointer('git')).toEqual(moved('git', 5, 0).pointer)
    },
  },
  {
    name: 'moves no pointer with a commit that is refused',
    async run({ sets, prompts }) {
      const script = scriptedPrompt('p')
      const change = script.push('one')
      await prompts.commit(change)
      const late = { ...change, pointers: [moved('git', 6, 0)] }
      const other = { ...late, events: late.events.map((event) => ({ ...event, id: 'another' })) }
      expect(await prompts.commit(other)).toBe(false)
      expect(await sets.pointer('git')).toBeUndefined()
    },
  },
]

const members: readonly SetStoreCase[] = [
  {
    name: 'returns a set as it was put, under its digest',
    async run({ sets }) {
      const odd = releaseSet('git', 'a/b', 'ü 😀', 'constructor', '__proto__')
      const empty = releaseSet('git')
      for (const set of [odd, empty]) {
        await sets.put(setDigest(set), set, AT)
        expect(await sets.get(setDigest(set))).toEqual(set)
      }
      expect(await sets.get('cd'.repeat(32))).toBeUndefined()
    },
  },
  {
    name: 'keeps a set of more than a mebibyte',
    async run({ sets }) {
      const set = releaseSet('git', ...Array.from({ length: 12_000 }, (_, n) => `team/folder/prompt-${n}`))
      await sets.put(setDigest(set), set, AT)
      expect(await sets.get(setDigest(set))).toEqual(set)
    },
  },
  {
    name: 'returns a proof as it was put, under its digest, however long it is',
    async run({ sets }) {
      const texts = ['{"a":"é 😀"}', JSON.stringify('x'.repeat(1.5 * 1024 * 1024))]
      expect(await sets.proof(sha256(texts[0] ?? ''))).toBeUndefined()
      for (const text of texts) await sets.putProof(sha256(text), text)
      for (const text of texts) await sets.putProof(sha256(text), text)
      expect(await Promise.all(texts.map((text) => sets.proof(sha256(text))))).toEqual(texts)
      expect(await allStored(sets, 'git')).toEqual([])
    },
  },
  {
    name: 'lists the sets of a source by digest, page by page, each once with its last use',
    async run({ sets }) {
      const all = ['a', 'b', 'c', 'd'].map((id) => releaseSet('git', id))
      for (const set of all) await sets.put(setDigest(set), set, AT)
      const [first = releaseSet('git')] = all
      await sets.put(setDigest(first), first, AT + 5)
      const other = releaseSet('other', 'a')
      await sets.put(setDigest(other), other, AT)
      const expected = all
        .map((set) => ({
          digest: setDigest(set),
          source: 'git',
          usedAt: set === first ? AT + 5 : AT,
          kept: false,
        }))
        .sort((a, b) => (a.digest < b.digest ? -1 : 1))
      for (const limit of [1, 3, 4, 100]) expect(await allStored(sets, 'git', limit)).toEqual(expected)
    },
  },
  {
    name: 'keeps a set for good, and no longer, if the source has it',
    async run({ sets }) {
      const set = releaseSet('git', 'a')
      const digest = setDigest(set)
      expect(await sets.keep('git', digest, true)).toBe(false)
      await sets.put(digest, set, AT)
      expect(await sets.keep('other', digest, true)).toBe(false)
      expect(await sets.keep('git', digest, true)).toBe(true)
      await sets.put(digest, set, AT + 1)
      expect(await allStored(sets, 'git')).toEqual([{ digest, source: 'git', usedAt: AT + 1, kept: true }])
      expect(await sets.keep('git', digest, false)).toBe(true)
      expect(await allStored(sets, 'git')).toMatchObject([{ kept: false }])
      expect(await allStored(sets, 'other')).toEqual([])
    },
  },
  {
    name: 'removes a set unless it is kept or was used since, and takes it back',
    async run({ sets }) {
      const set = releaseSet('git', 'a')
      const digest = setDigest(set)
      const stored = { digest, source: 'git', usedAt: AT, kept: false }
      await sets.put(digest, set, AT)
      await sets.keep('git', digest, true)
      await sets.remove(stored)
      expect(await allStored(sets, 'git'), 'a kept set').toHaveLength(1)
      await sets.keep('git', digest, false)
      await sets.put(digest, set, AT + 1)
      await sets.remove(stored)
      expect(await sets.get(digest), 'a set that was used since').toEqual(set)
      const again = { ...stored, usedAt: AT + 1 }
      await sets.remove(again)
      await sets.remove(again)
      expect([await sets.get(digest), await allStored(sets, 'git')]).toEqual([undefined, []])
      await sets.put(digest, set, AT + 2)
      expect(await sets.get(digest)).toEqual(set)
      expect(await allStored(sets, 'git')).toEqual([{ ...stored, usedAt: AT + 2 }])
    },
  },
]

const storage: readonly SetStoreCase[] = [
  {
    name: 'has sets, pointers and moves when it is opened again',
    needs: 'reopen',
    async run({ sets, reopen }) {
      const set = releaseSet('git', 'a')
      await sets.put(setDigest(set), set, AT)
      await sets.move(moved('git', 5, 0))
      const again = await reopen?.()
      expect(await again?.sets.get(setDigest(set))).toEqual(set)
      expect(await again?.sets.pointer('git')).toEqual(moved('git', 5, 0).pointer)
      expect(await again?.sets.moves('git', { limit: 9 })).toMatchObject({ items: [{ sequence: 5 }] })
    },
  },
  {
    name: 'reports busy or unavailable if its storage cannot be reached',
    needs: 'unreachable',
    async run({ sets }) {
      const set = releaseSet('git', 'a')
      const digest = setDigest(set)
      await expectFailure('pointer', sets.pointer('git'))
      await expectFailure('move', sets.move(moved('git', 5, 0)))
      await expectFailure('moves', sets.moves('git', { limit: 1 }))
      await expectFailure('put', sets.put(digest, set, AT))
      await expectFailure('get', sets.get(digest))
      await expectFailure('putProof', sets.putProof(digest, 'x'))
      await expectFailure('proof', sets.proof(digest))
      await expectFailure('stored', sets.stored('git', { limit: 1 }))
      await expectFailure('keep', sets.keep('git', digest, true))
      await expectFailure('remove', sets.remove({ digest, source: 'git', usedAt: AT, kept: false }))
    },
  },
]

/** The cases by what they are about. */
export const setStoreKinds = [pointers, together, members, storage]

/** Every promise of `SetStore`, as cases that any adapter must pass. */
export const setStoreCases: readonly SetStoreCase[] = setStoreKinds.flat()
