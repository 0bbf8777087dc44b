import type { ReleaseSet } from '../../api/contract/release-set.ts'
import type { PointerChange, SetPointer } from '../../api/store/set-records.ts'
import type { SetStore } from '../../api/store/set-store.ts'
import type { Fault } from './prompt-store/faults/spoiling.ts'

type SetFault = Fault<SetStore>

const showing = (spoiled: (pointer: SetPointer) => SetPointer) => (right: SetStore) => ({
  async pointer(source: string) {
    const found = await right.pointer(source)
    return found && spoiled(found)
  },
})

/** Moves from whatever sequence is there. */
async function forced(right: SetStore, change: PointerChange): Promise<boolean> {
  const there = (await right.pointer(change.pointer.move.source))?.move.sequence ?? 0
  return await right.move({ ...change, expectedSequence: there })
}

/** Without the pages that the right adapter would make. */
const EVERYTHING = { limit: 1000 }

export const setFaults: readonly SetFault[] = [
  {
    name: 'invents a pointer',
    caught: 'finds no pointer and no move of a source that has none',
    spoil: (right) => ({ pointer: async (source) => (await right.pointer(source)) ?? ({} as SetPointer) }),
  },
  {
    name: 'drops the hold of a source',
    caught: 'returns a pointer as it was written, every field of it',
    spoil: showing((pointer) => ({ ...pointer, hold: null })),
  },
  {
    name: 'never checks the sequence',
    caught: 'refuses a move that is based on another sequence, and writes nothing of it',
    spoil: (right) => ({ move: (change) => forced(right, change) }),
  },
  {
    name: 'loses the proof of a move',
    caught: 'returns a pointer as it was written, every field of it',
    spoil: showing(({ move: { proof: _, ...move }, ...pointer }) => ({ ...pointer, move })),
  },
  {
    name: 'cuts long proofs',
    caught: 'returns a proof as it was put, under its digest, however long it is',
    spoil: (right) => ({ proof: async (digest) => (await right.proof(digest))?.slice(0, 1024 * 1024) }),
  },
  {
    name: 'reports every move as made',
    caught: 'lets exactly one of many moves from the same sequence win',
    spoil: (right) => ({ move: async (change) => (await right.move(change)) || true }),
  },
  {
    name: 'ignores the lease',
    caught: 'refuses a move once somebody took the lease of the source after its token',
    spoil: (right) => ({ move: (change) => right.move(change) }),
  },
  {
    name: 'lists moves by the text of their sequence',
    caught: 'lists the moves of each source newest first, page by page to the end',
    spoil: (right) => ({
      async moves(source, { limit, cursor }) {
        const { items } = await right.moves(source, EVERYTHING)
        const sorted = [...items].sort((a, b) => (String(a.sequence) < String(b.sequence) ? 1 : -1))
        const start = Number(cursor ?? 0)
        const next = start + limit < sorted.length ? String(start + limit) : null
        return { items: sorted.slice(start, start + limit), next }
      },
    }),
  },
  {
    name: 'does not see what a commit moved',
    caught: 'moves pointers with the commit of a prompt',
    spoil(right) {
      const own = new Map<string, SetPointer>()
      return {
        async move(change, token) {
          const done = await right.move(change, token)
          if (done) own.set(change.pointer.move.source, change.pointer)
          return done
        },
        pointer: async (source) => own.get(source),
      }
    },
  },
  {
    name: 'commits a prompt whose pointer moved',
    caught: 'refuses a commit as a whole if one of its pointers moved',
    spoil: (right, { prompts }) => {
      const commit = prompts.commit.bind(prompts)
      Object.assign(prompts, {
        commit: async (change: Parameters<typeof commit>[0]) => {
          const { pointers: _, ...rest } = change
          return await commit(rest)
        },
      })
      return right
    },
  },
  {
    name: 'moves a pointer although the commit is refused',
    caught: 'moves no pointer with a commit that is refused',
    spoil: (right, { prompts }) => {
      const commit = prompts.commit.bind(prompts)
      Object.assign(prompts, {
        commit: async (change: Parameters<typeof commit>[0]) => {
          const { pointers = [], ...rest } = change
          for (const pointer of pointers) await right.move(pointer)
          return await commit(rest)
        },
      })
      return right
    },
  },
  {
    name: 'loses members that objects have by nature',
    caught: 'returns a set as it was put, under its digest',
    spoil: (right) => ({
      async get(digest) {
        const set = await right.get(digest)
        if (set === undefined) return undefined
        const entries = Object.entries(set.members).filter(([id]) => !(id in {}))
        return { ...set, members: Object.fromEntries(entries) } satisfies ReleaseSet
      },
    }),
  },
  {
    name: 'takes a large set for a missing one',
    caught: 'keeps a set of more than a mebibyte',
    spoil: (right) => ({
      async get(digest) {
        const set = await right.get(digest)
        return JSON.stringify(set ?? null).length > 1024 * 1024 ? undefined : set
      },
    }),
  },
  {
    name: 'stops after the first page of sets',
    caught: 'lists the sets of a source by digest, page by page, each once with its last use',
    spoil: (right) => ({
      stored: async (source, query) => ({ ...(await right.stored(source, query)), next: null }),
    }),
  },
  {
    name: 'forgets that a set is kept when it is put again',
    caught: 'keeps a set for good, and no longer, if the source has it',
    spoil: (right) => ({
      async put(digest, set, usedAt) {
        await right.put(digest, set, usedAt)
        await right.keep(set.source, digest, false)
      },
    }),
  },
  {
    name: 'removes a set that was used since',
    caught: 'removes a set unless it is kept or was used since, and takes it back',
    spoil: (right) => ({
      async remove(set) {
        const { items } = await right.stored(set.source, EVERYTHING)
        for (const one of items) if (one.digest === set.digest) await right.remove(one)
      },
    }),
  },
  {
    name: 'lost its sets when it is opened again',
    caught: 'has sets, pointers and moves when it is opened again',
    spoil: () => ({}),
    reopened:
      ({ reopen }) =>
      async () => {
        const again = await reopen?.()
        if (again === undefined) throw new Error('There is nothing to open again.')
        return { ...again, sets: { ...again.sets, get: async () => undefined } }
      },
  },
  {
    name: 'takes a storage that it cannot reach for an empty one',
    caught: 'reports busy or unavailable if its storage cannot be reached',
    spoil: (right) => ({ pointer: (source) => right.pointer(source).catch(() => undefined) }),
  },
]
