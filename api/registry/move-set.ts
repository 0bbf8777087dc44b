import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { MoveSetAnswer, MoveSetRequest } from '../contract/registry-api.ts'
import { parseRelease } from '../contract/release.ts'
import { isHeldBySource } from '../contract/release-line.ts'
import { memberOf, type ReleaseSet, setDigest } from '../contract/release-set.ts'
import type { SetPointer } from '../store/set-records.ts'
import { requireSource } from './authority.ts'
import { askForFullPass } from './change-source.ts'
import { refuseSequence } from './guards.ts'
import type { OperationContext } from './operation-context.ts'
import { pruneSets } from './prune-sets.ts'
import { CONFLICT, retried } from './retried.ts'
import { nextPointer } from './set-pointer.ts'
import { signedProof } from './signed-proof.ts'
import { newSource, refuseStaleWriter } from './sources.ts'

/**
 * Points a source to the stable versions of its prompts. Reads the sequence first and starts over if it grew, so the
 * set is one that the prompts served together, up to writes of the caller itself. Throws `settling`,
 * `revision_conflict`, `lease_held`, `lease_lost`, `forbidden`, and `busy` if the pointer never rests.
 */
export async function moveSet(
  context: OperationContext,
  source: string,
  request: MoveSetRequest,
): Promise<MoveSetAnswer> {
  requireSource(context.caller, source)
  const { sets, knownSets, pointerQueues, caller, now } = context
  return await retriedMove(context, source, async () => {
    const [leaseToken, pointer] = await Promise.all([leaseOf(context, source, request), sets.pointer(source)])
    if (pointer?.settling === true && request.settled !== true) throw settling(source)
    if (pointer !== undefined) refuseSequence(pointer, request.expected_sequence)
    const set = await stableSet(context, source)
    const digest = setDigest(set)
    const current = pointer?.move.set ?? null
    const before = current === null ? undefined : await knownSets.get(sets, current)
    const endsHold = isAboveHold(pointer, request)
    const proof = signedProof(request, { source, digest, pointer })
    const signed = proof !== null || (digest === current && pointer?.move.proof !== undefined)
    // A set that the store lost is put again.
    const isNew = before === undefined || endsHold || proof !== null
    const changed = isNew || moves(pointer, digest, request)
    const answer = {
      ...{ source, set: digest, changed, signed },
      ...compared(before ?? { source, members: {} }, set),
    }
    if (!answer.changed || request.dry_run === true)
      return { ...answer, sequence: pointer?.move.sequence ?? 0 }
    if (!signed && pointer?.move.proof !== undefined) throw needsProof(source)
    // Other releases may have waited for the hold to end. Asked before, so that a pass that is killed cannot miss it.
    if (endsHold) await askForFullPass(context, source)
    await sets.put(digest, set, now())
    if (proof !== null) await sets.putProof(proof.digest, proof.text)
    knownSets.keep(digest, set)
    // The end of a rollback has its reason, which the hold has.
    const rollback = pointer?.settling === true ? pointer : undefined
    const { reason = rollback?.hold?.reason ?? null, release } = request
    const act = rollback === undefined ? 'release' : 'rollback_source'
    const cause = { act, actor: caller.actor, reason, release, now: now() } as const
    const ended = endsHold && { hold: null }
    const made = { source, set: digest, settling: false, proof: proof ?? undefined }
    const change = nextPointer(pointer, { ...made, ...cause, ...ended })
    if (await pointerQueues.run(source, () => sets.move(change, leaseToken))) {
      await pruneSets(context, pointer, change.pointer)
      return { ...answer, sequence: change.pointer.move.sequence }
    }
    return CONFLICT
  })
}

/** Moves the pointer of a source, whoever else moves it meanwhile. */
export const retriedMove = <A>(
  context: Pick<OperationContext, 'random'>,
  source: string,
  attempt: () => Promise<A | typeof CONFLICT>,
): Promise<A> => retried(context, `changes of the set of the source "${source}"`, attempt)

/** Leaves a source without a set, so that its prompts serve their stable versions. */
export async function dropSet(
  context: OperationContext,
  source: string,
  reason: string | undefined,
): Promise<void> {
  const { sets, pointerQueues, caller, now } = context
  await retriedMove(context, source, async () => {
    const pointer = await sets.pointer(source)
    if (pointer === undefined || pointer.move.set === null) return
    const cause = { act: 'forget', actor: caller.actor, reason: reason ?? null, now: now() } as const
    const change = nextPointer(pointer, { source, set: null, settling: false, hold: null, ...cause })
    return (await pointerQueues.run(source, () => sets.move(change))) ? undefined : CONFLICT
  })
}

/** A repeated request moves nothing, but a release without a change of the members moves once. */
function moves(
  pointer: SetPointer | undefined,
  digest: string,
  { release, settled }: MoveSetRequest,
): boolean {
  if (pointer?.move.set !== digest) return true
  return (release !== undefined && release !== pointer.move.release) || (settled === true && pointer.settling)
}

/** Whether the release ends the hold of a source that was rolled back. */
function isAboveHold(pointer: SetPointer | undefined, { version }: MoveSetRequest): boolean {
  const hold = pointer?.hold ?? null
  const release = version === undefined ? undefined : parseRelease(version)
  return hold !== null && release !== undefined && !isHeldBySource(hold, release)
}

/** The token of the last lease, which is the caller's or nobody's. Adds the source, so that lists include it. */
async function leaseOf(
  { sources, now }: OperationContext,
  source: string,
  { lease_token, dry_run }: MoveSetRequest,
): Promise<number> {
  const record = (await sources.get(source)) ?? newSource(source)
  if (dry_run === true) return record.leaseToken
  refuseStaleWriter(record, lease_token, now())
  if (record.version === 0) await sources.replace({ ...record, version: 1 }, 0, [])
  return record.leaseToken
}

/** The stable versions of the prompts that a source owns. */
async function stableSet({ prompts }: OperationContext, source: string): Promise<ReleaseSet> {
  const members: [string, string][] = []
  let cursor: string | undefined
  do {
    const page = await prompts.page<'prompts'>({ of: 'prompts', source, limit: LIMITS.page, cursor })
    refuseUnreadable(page.unreadable?.[0]?.problem)
    for (const { head, stable } of page.items)
      if (stable !== null) members.push([head.promptId, stable.identity])
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return { source, members: Object.fromEntries(members) }
}

/** A set without a prompt that the store cannot read would take the prompt from its readers. */
function refuseUnreadable(problem: string | undefined): void {
  if (problem !== undefined) throw new RegistryError('unavailable', problem)
}

export function compared(before: ReleaseSet, after: ReleaseSet) {
  const known = (set: ReleaseSet) => (id: string) => memberOf(set, id) !== undefined
  const [old, fresh] = [Object.keys(before.members), Object.keys(after.members)]
  const both = fresh.filter(known(before))
  return {
    added: fresh.length - both.length,
    removed: old.length - both.length,
    replaced: both.filter((id) => memberOf(before, id) !== memberOf(after, id)).length,
  }
}

function settling(source: string): RegistryError {
  return new RegistryError(
    'settling',
    `The source "${source}" was rolled back, and its prompts do not all serve that set yet; roll them back, then send "settled": true.`,
    { details: { source } },
  )
}

function needsProof(source: string): RegistryError {
  return new RegistryError(
    'proof_required',
    `The set of the source "${source}" is signed, so a move needs a proof. Give the controller its key (proof.keyEnv).`,
    { details: { source } },
  )
}
