import { RegistryError } from '../contract/errors.ts'
import { memberOf, type ReleaseSet, setDigest } from '../contract/release-set.ts'
import type { AtomicChange } from '../store/atomic-change.ts'
import type { Snapshot } from '../store/records.ts'
import type { PointerChange } from '../store/set-records.ts'
import { withEmergencyProof } from './emergency-proof.ts'
import type { OperationContext } from './operation-context.ts'
import { type MemberChange, memberChanges, nextPointer, setAfter } from './set-pointer.ts'

export type CommitContext = Pick<
  OperationContext,
  'prompts' | 'sets' | 'knownSets' | 'pointerQueues' | 'emergencySigner'
>

/**
 * Commits a change of a prompt, together with the pointers of the sets that it changes. Returns false if somebody else
 * changed the prompt or moved one of the pointers. Throws `settling` for a transfer of a prompt that does not follow the
 * rollback of its source yet.
 */
export async function commitChange(
  context: CommitContext,
  before: Snapshot | undefined,
  change: AtomicChange,
  byHand: boolean,
): Promise<boolean> {
  const members = memberChanges(before, change, byHand)
  const sources = members.map(({ source }) => source)
  return await context.pointerQueues.runAll(sources, async () => {
    const moves = await Promise.all(members.map((member) => pointerChange(context, member, before, change)))
    const pointers = moves.filter((move) => move !== undefined)
    return await context.prompts.commit(pointers.length === 0 ? change : { ...change, pointers })
  })
}

/** `undefined` if the pointer stays. */
async function pointerChange(
  context: CommitContext,
  member: MemberChange,
  before: Snapshot | undefined,
  change: AtomicChange,
): Promise<PointerChange | undefined> {
  const { source, act, revoked } = member
  const pointer = await context.sets.pointer(source)
  const digest = pointer?.move.set ?? null
  // A change by hand may be an emergency, so it is made even if the store lost the set: the next pass makes another one.
  const current = digest === null ? undefined : await context.knownSets.get(context.sets, digest)
  if (pointer?.settling === true && current !== undefined) refuseUnfollowed(current, member, before)
  const next = current && setAfter(current, member)
  if (next === current && member.isQuiet) return undefined
  const { actor = '', reason = null, at = '' } = change.events.at(-1) ?? {}
  const now = Date.parse(at)
  const set = next === undefined || next === current ? digest : setDigest(next)
  if (next !== undefined && set !== null && set !== digest) {
    await context.sets.put(set, next, now)
    context.knownSets.keep(set, next)
  }
  const moved = nextPointer(pointer, { source, set, act, actor, reason, now, revoked })
  return next === undefined ? moved : await withEmergencyProof(context, pointer, moved, next)
}

/** The new owner would serve what the source was rolled back from, and no pass would roll it back there. */
function refuseUnfollowed(
  set: ReleaseSet,
  { act, source, promptId }: MemberChange,
  before: Snapshot | undefined,
): void {
  const isLeft = act === 'transfer' && before?.head.owner === source
  if (!isLeft || (memberOf(set, promptId) ?? null) === (before.stable?.identity ?? null)) return
  throw new RegistryError(
    'settling',
    `The source "${source}" was rolled back, and its prompt "${promptId}" does not serve that set yet. Transfer it after the next pass of the source.`,
    { details: { prompt_id: promptId, source } },
  )
}
