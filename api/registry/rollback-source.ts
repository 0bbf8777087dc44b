import { eachAtOnce } from '../contract/each-at-once.ts'
import { RegistryError } from '../contract/errors.ts'
import { LIMITS } from '../contract/limits.ts'
import type { RollbackSourceAnswer, RollbackSourceRequest } from '../contract/registry-api.ts'
import { memberOf, type ReleaseSet, setDigest } from '../contract/release-set.ts'
import type { SetMove, SetPointer, SourceHold } from '../store/set-records.ts'
import { allPages } from './all-pages.ts'
import { requirePrefix, requireSource } from './authority.ts'
import { withEmergencyProof } from './emergency-proof.ts'
import { refuseSequence } from './guards.ts'
import { madeSet } from './made-set.ts'
import { compared, retriedMove } from './move-set.ts'
import type { OperationContext } from './operation-context.ts'
import { pruneSets } from './prune-sets.ts'
import { CONFLICT } from './retried.ts'
import {
  type EarlierSet,
  earlierSet,
  rolledBackRelease,
  rolledBackSet,
  type SourcePrompt,
  unsettledPrompts,
} from './rolled-back-set.ts'
import { noSetYet, noSuchSet } from './served-sets.ts'
import { nextPointer } from './set-pointer.ts'
import { newSource, refuseStaleWriter } from './sources.ts'

/**
 * Rolls a source back to an earlier set, with one write: it moves the pointer, marks it as settling, and sets the hold of
 * the source. The caller then rolls the prompts back under the source's lease. With the token of that lease, only the
 * hold changes: it covers all promotions until then. Throws `no_set`, `revision_conflict`, `forbidden`, the errors of
 * `madeSet`, `lease_lost`, and `busy` if the pointer never rests.
 */
export async function rollbackSource(
  context: OperationContext,
  source: string,
  request: RollbackSourceRequest,
): Promise<RollbackSourceAnswer> {
  requireSource(context.caller, source)
  const { sets, knownSets, pointerQueues, now } = context
  return await retriedMove(context, source, async () => {
    const leaseToken = await checkedLease(context, source, request)
    const decision = await decide(context, source, request)
    const { pointer, next, set, answer } = decision
    if (next === null || request.dry_run === true) return answer
    await sets.put(answer.set, set, now())
    knownSets.keep(answer.set, set)
    const proven = await withEmergencyProof(context, pointer, next, set)
    if (await pointerQueues.run(source, () => sets.move(proven, leaseToken))) {
      await pruneSets(context, pointer, proven.pointer)
      return { ...answer, sequence: proven.pointer.move.sequence }
    }
    return CONFLICT
  })
}

async function decide(context: OperationContext, source: string, request: RollbackSourceRequest) {
  const { caller, now } = context
  const pointer = await context.sets.pointer(source)
  const current = pointer?.move.set ?? null
  if (pointer === undefined || current === null) throw noSetYet(source)
  refuseSequence(pointer, request.expected_sequence)
  const served = await servedPrompts(context, source)
  // The prompts of a source that is settling already follow its set.
  const stays = request.lease_token !== undefined || (pointer.settling && request.to === undefined)
  // If the store lost the current set, another one can still replace it.
  const known = stays ? await storedSet(context, current) : await context.knownSets.get(context.sets, current)
  const before = known ?? { source, members: {} }
  const target = stays ? null : await targetOf(context, source, request, served)
  const set = target === null ? before : await rolledBack(context, { target, before, served })
  const unsettled = unsettledPrompts(set, served)
  for (const { promptId } of unsettled) requirePrefix(caller, promptId)
  const digest = setDigest(set)
  const moves = target !== null && (digest !== current || unsettled.length > 0)
  const above = rolledBackRelease(unsettled, pointer.hold?.above ?? null)
  const hold = moves || pointer.settling ? nextHold(context, pointer, request, above) : pointer.hold
  const changed = moves || hold?.above !== pointer.hold?.above
  const { reason = null } = request
  const cause = { act: 'rollback_source', actor: caller.actor, reason, now: now() } as const
  const release = target?.release ?? undefined
  const settling = pointer.settling || moves
  const answer: RollbackSourceAnswer = {
    ...{ source, set: digest, target: target?.digest ?? current, changed, settling },
    ...{ release: release ?? pointer.move.release, sequence: pointer.move.sequence },
    hold: hold && { above: hold.above, since: hold.since, actor: hold.actor, reason: hold.reason },
    ...compared(before, set),
  }
  const move = { source, set: digest, release, settling, hold, ...cause }
  return { pointer, set, answer, next: changed ? nextPointer(pointer, move) : null }
}

/** An earlier set with its members. */
interface RollbackTarget extends EarlierSet {
  readonly set: ReleaseSet
}

interface Derivation {
  readonly target: RollbackTarget
  readonly before: ReleaseSet
  readonly served: readonly SourcePrompt[]
}

async function rolledBack(context: OperationContext, { target, before, served }: Derivation) {
  const { set } = target
  const { source, members } = before
  const revoked = await revokedMembers(context, set, served)
  const received = await receivedPrompts(context, target)
  return rolledBackSet({ source, target: set.members, current: members, served, revoked, received })
}

/** Throws `no_set` if the store lost it. */
async function storedSet({ sets, knownSets }: OperationContext, digest: string): Promise<ReleaseSet> {
  const set = await knownSets.get(sets, digest)
  if (set === undefined) throw noSuchSet(digest)
  return set
}

async function targetOf(
  context: OperationContext,
  source: string,
  { to: name, members }: RollbackSourceRequest,
  served: readonly SourcePrompt[],
): Promise<RollbackTarget> {
  const moves = await allMoves(context, source)
  const found = earlierSet(moves, name) ?? (await keptSet(context, source, name, moves))
  const set = found && (await context.knownSets.get(context.sets, found.digest))
  if (found !== undefined && set !== undefined) return { ...found, set }
  if (name !== undefined && members !== undefined) {
    const made = await madeSet(context, { source, release: name, members, served })
    return { digest: setDigest(made), release: name, since: moves, set: made }
  }
  const tags = [...new Set(moves.flatMap(({ release, set }) => (set === null ? [] : (release ?? []))))]
  const kept = tags.length === 0 ? '' : ` It has those of ${tags.slice(0, MOST_TAGS).join(', ')}.`
  const what = name === undefined ? 'earlier set' : `set of "${name}"`
  throw new RegistryError(
    'no_set',
    `The registry has no ${what} of the source "${source}".${kept} List its sets, or name another.`,
    { details: { source, releases: tags.slice(0, MOST_TAGS) } },
  )
}

const MOST_TAGS = 10

/** A set that is kept for good outlives the moves that led to it. */
async function keptSet(
  { sets, knownSets }: OperationContext,
  source: string,
  digest: string | undefined,
  moves: readonly SetMove[],
): Promise<EarlierSet | undefined> {
  const set = digest === undefined ? undefined : await knownSets.get(sets, digest)
  return set?.source === source && digest !== undefined ? { digest, release: null, since: moves } : undefined
}

async function allMoves({ sets }: OperationContext, source: string): Promise<readonly SetMove[]> {
  return await Array.fromAsync(allPages((cursor) => sets.moves(source, { limit: LIMITS.page, cursor })))
}

/** Concurrent reads of the store. */
const CONCURRENCY = 16

/**
 * Prompts whose version in an earlier set was revoked since. The history of the set may not show it: another source
 * may have owned the prompt meanwhile, or the moves may be gone. A version in service is never revoked.
 */
async function revokedMembers(
  { prompts }: OperationContext,
  set: ReleaseSet,
  served: readonly SourcePrompt[],
): Promise<ReadonlySet<string>> {
  const revoked = new Set<string>()
  const changed = served.filter(({ promptId, identity }) => memberOf(set, promptId) !== identity)
  await eachAtOnce(CONCURRENCY, changed, async ({ promptId }) => {
    const identity = memberOf(set, promptId)
    if (identity === undefined) return
    const found = await prompts.find(promptId, { identities: [identity] })
    if (found.byIdentity.get(identity)?.status === 'revoked') revoked.add(promptId)
  })
  return revoked
}

/** Prompts that transfers added to the source's set. */
async function receivedPrompts(
  context: OperationContext,
  { since, digest }: EarlierSet,
): Promise<ReadonlySet<string>> {
  const received = new Set<string>()
  for (const [index, { act, set }] of since.entries()) {
    const from = (index + 1 < since.length ? since[index + 1]?.set : digest) ?? null
    if (act !== 'transfer' || set === null || from === null || set === from) continue
    const before = await context.knownSets.get(context.sets, from)
    const after = await context.knownSets.get(context.sets, set)
    for (const id of Object.keys(after?.members ?? {}))
      if (before !== undefined && memberOf(before, id) === undefined) received.add(id)
  }
  return received
}

async function servedPrompts(
  { prompts }: OperationContext,
  source: string,
): Promise<readonly SourcePrompt[]> {
  const owned = allPages((cursor) =>
    prompts.page<'prompts'>({ of: 'prompts', source, limit: LIMITS.page, cursor }),
  )
  return await Array.fromAsync(owned, ({ head, stable }) => {
    const highest = head.highest?.release ?? null
    return { promptId: head.promptId, identity: stable?.identity ?? null, highest }
  })
}

function nextHold(
  { caller, now }: OperationContext,
  pointer: SetPointer,
  { lease_token, reason }: RollbackSourceRequest,
  above: SourceHold['above'],
): SourceHold | null {
  const { hold } = pointer
  if (lease_token !== undefined && hold !== null) return { ...hold, above }
  return { since: new Date(now()).toISOString(), actor: caller.actor, reason: reason ?? null, above }
}

/** The token of the source's last lease. A person needs no lease to move the pointer. */
async function checkedLease(
  { sources, now }: OperationContext,
  source: string,
  { lease_token, dry_run }: RollbackSourceRequest,
): Promise<number | undefined> {
  if (lease_token === undefined || dry_run === true) return undefined
  refuseStaleWriter((await sources.get(source)) ?? newSource(source), lease_token, now())
  return lease_token
}
