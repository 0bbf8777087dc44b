import { LIMITS } from '../contract/limits.ts'
import { effectiveMode, seesDrafts } from '../contract/mode.ts'
import type { CurrentSet, RegistryApi } from '../contract/registry-api.ts'
import type { SetMove, SetPointer } from '../store/set-records.ts'
import { requireSource } from './authority.ts'
import { moveSet } from './move-set.ts'
import type { OperationContext } from './operation-context.ts'
import { rollbackSource } from './rollback-source.ts'
import { noSetYet, noSuchSet } from './served-sets.ts'
import { checkedSourceName } from './sources.ts'
import { allStored } from './stored-sets.ts'

type Sets = Pick<
  RegistryApi,
  'currentSet' | 'setMoves' | 'moveSet' | 'rollbackSource' | 'releaseSet' | 'keepSet'
>

/** The sets of sources and the moves of their pointers. */
export function setOperations(context: OperationContext): Sets {
  const { sets, knownSets, caller, settings } = context
  const hasDrafts = seesDrafts(effectiveMode(undefined, settings.allowedModes))
  return {
    async currentSet(name, { revoked_since, include } = {}) {
      const pointer = await sets.pointer(checkedSourceName(name))
      if (pointer === undefined || pointer.move.set === null) throw noSetYet(name)
      const answer = {
        ...currentSet(pointer, pointer.move.set, revoked_since),
        ...(hasDrafts && { drafts: true as const }),
      }
      return include === undefined ? answer : { ...answer, proof: await storedProof(sets, pointer) }
    },
    async setMoves(name, { limit = LIMITS.defaultPage, cursor } = {}) {
      const page = await sets.moves(checkedSourceName(name), { limit, cursor })
      const stored = new Map((await allStored(context, name)).map((set) => [set.digest, set]))
      const moves = page.items.map((move) => {
        const found = stored.get(move.set ?? '')
        return {
          ...moveFields(move),
          set: move.set,
          revoked: [...move.revoked],
          stored: found !== undefined,
          kept: found?.kept ?? false,
        }
      })
      return { source: name, moves, next_cursor: page.next }
    },
    moveSet: (name, request) => moveSet(context, checkedSourceName(name), request),
    rollbackSource: (name, request) => rollbackSource(context, checkedSourceName(name), request),
    async releaseSet(digest) {
      const set = await knownSets.get(sets, digest)
      if (set === undefined) throw noSuchSet(digest)
      return { set: digest, source: set.source, members: { ...set.members } }
    },
    async keepSet(digest, { keep }) {
      const set = await knownSets.get(sets, digest)
      if (set === undefined) throw noSuchSet(digest)
      requireSource(caller, set.source)
      if (!(await sets.keep(set.source, digest, keep))) throw noSuchSet(digest)
      return { set: digest, source: set.source, kept: keep }
    },
  }
}

async function storedProof(
  sets: OperationContext['sets'],
  { move: { proof } }: SetPointer,
): Promise<CurrentSet['proof']> {
  const text = proof === undefined ? undefined : await sets.proof(proof)
  return text === undefined ? null : JSON.parse(text)
}

function moveFields({ sequence, release, act, actor, reason, previous, movedAt }: SetMove) {
  return { sequence, release, act, actor, reason, previous, moved_at: movedAt }
}

function currentSet(
  { move, settling, revocations, revocationsAfter }: SetPointer,
  set: string,
  since: number | undefined,
): CurrentSet {
  const isKnown = since === undefined || since >= revocationsAfter
  const listed = isKnown ? revocations.filter(({ sequence }) => sequence > (since ?? sequence)) : []
  return {
    ...moveFields(move),
    source: move.source,
    set,
    settling,
    revoked: listed.map(({ identity }) => identity),
    ...(!isKnown && { revoked_all: true }),
  }
}
