import { LIMITS } from '../contract/limits.ts'
import type { EventType, SetAct } from '../contract/registry-api.ts'
import { memberOf, type ReleaseSet } from '../contract/release-set.ts'
import type { AtomicChange } from '../store/atomic-change.ts'
import type { Snapshot } from '../store/records.ts'
import type { PointerChange, SetMove, SetPointer, SourceHold } from '../store/set-records.ts'

/** Decides how pointers move. Pure: times are in milliseconds since the epoch. */

/** Why a pointer moves, and to which set. */
export interface NextMove {
  readonly source: string
  /** A digest. `null`: the source has no set yet, and its pointer only counts. */
  readonly set: string | null
  readonly act: SetAct
  readonly actor: string
  readonly reason: string | null
  readonly now: number
  /** Default: that of the pointer before. */
  readonly release?: string | undefined
  /** Default: none. */
  readonly revoked?: readonly string[]
  /** Default: as before. */
  readonly settling?: boolean
  /** Default: as before. */
  readonly hold?: SourceHold | null
  /** The proof that the caller signed for the set, and the sequence in it. Default: that of the same set before. */
  readonly proof?: { readonly digest: string; readonly sequence: number } | undefined
}

/** The sequence also grows above that of a registry that this one was rebuilt from. */
export function nextPointer(before: SetPointer | undefined, move: NextMove): PointerChange {
  const { source, set, act, actor, reason, now, revoked = [] } = move
  const last = before?.move
  const sequence = move.proof?.sequence ?? Math.max((last?.sequence ?? 0) + 1, now)
  const previous = (set === last?.set ? last.previous : last?.set) ?? null
  const latest = revoked.map((identity) => ({ sequence, identity }))
  const revocations = [...latest, ...(before?.revocations ?? [])]
  const kept = revocations.slice(0, LIMITS.recentRevocations)
  return {
    expectedSequence: last?.sequence ?? 0,
    pointer: {
      move: {
        ...{ source, sequence, set, act, actor, reason, previous, revoked },
        ...proofOf(move, last),
        release: move.release ?? last?.release ?? null,
        movedAt: new Date(now).toISOString(),
      },
      settling: move.settling ?? before?.settling ?? false,
      hold: move.hold === undefined ? (before?.hold ?? null) : move.hold,
      revocations: kept,
      revocationsAfter: revocations[kept.length]?.sequence ?? before?.revocationsAfter ?? sequence,
    },
  }
}

/** The proof of a set stays valid while only the pointer moves. */
function proofOf({ set, proof }: NextMove, last: SetMove | undefined): Pick<SetMove, 'proof'> {
  const own = proof?.digest ?? (set === last?.set ? last.proof : undefined)
  return own === undefined ? {} : { proof: own }
}

/** One member of a source's set that changes together with a prompt. */
export interface MemberChange {
  readonly source: string
  readonly promptId: string
  /** `null`: the prompt serves nothing. */
  readonly identity: string | null
  /**
   * false: the prompt serves what it served before, so the set keeps its member unless that is revoked. A pass may have
   * promoted a newer version that its set does not have yet.
   */
  readonly isOther: boolean
  /** The pointer stays if the set does. A pass that reads prompts meanwhile need not notice. */
  readonly isQuiet: boolean
  readonly act: SetAct
  /** Identities that the change revokes. */
  readonly revoked: readonly string[]
}

/**
 * The sets that a change of a prompt changes too. A source's own writes under its lease change none, because its pass
 * moves the pointer at its end; only a new owner takes the prompt from one set to the other at once.
 */
export function memberChanges(
  before: Snapshot | undefined,
  change: AtomicChange,
  byHand: boolean,
): readonly MemberChange[] {
  const { owner, promptId } = change.head
  const owned = before?.head.owner ?? null
  const identity = stableIdentity(before, change)
  const act = byHand ? actOf(change) : undefined
  const revoked = releasedAndRevoked(change)
  const isMoved = owner !== owned
  const isOther = isMoved || identity !== (before?.stable?.identity ?? null)
  const isQuiet = !byHand || act === 'delete' || (isMoved && owner === null)
  const member = (source: string | null, identity: string | null, act: SetAct): MemberChange[] =>
    source === null ? [] : [{ source, promptId, identity, isOther, isQuiet, act, revoked }]
  // Most prompts that change their owner are new, and serve nothing on either side.
  if (isMoved && identity === null && before?.stable == null) return []
  if (isMoved)
    return [...member(owned, null, act ?? 'transfer'), ...member(owner, identity, act ?? 'transfer')]
  return act === undefined ? [] : member(owner, identity, act)
}

/** A draft is in no set, and its identity could confirm a guess of its content. */
function releasedAndRevoked({ events, versions }: AtomicChange): string[] {
  const labels = events.filter(({ type, details }) => type === 'revoked' && details?.was !== 'draft')
  const revoked = new Set(labels.map(({ to }) => to))
  return versions.filter(({ version }) => revoked.has(version)).map(({ identity }) => identity)
}

function stableIdentity(before: Snapshot | undefined, { head, versions }: AtomicChange): string | null {
  if (head.stable === null) return null
  const known = [...versions, before?.stable, before?.latest]
  return known.find((version) => version?.version === head.stable)?.identity ?? null
}

/** The set after the change. The same object if the change does not concern it. */
export function setAfter(
  set: ReleaseSet,
  { promptId, identity, isOther, revoked }: MemberChange,
): ReleaseSet {
  const member = memberOf(set, promptId)
  const isReplaced = isOther || (member !== undefined && revoked.includes(member))
  return isReplaced ? withMember(set, promptId, identity) : set
}

function withMember(set: ReleaseSet, promptId: string, identity: string | null): ReleaseSet {
  if ((memberOf(set, promptId) ?? null) === identity) return set
  const { [promptId]: _, ...others } = set.members
  return { ...set, members: identity === null ? others : { ...others, [promptId]: identity } }
}

/** The first that a change has names it: the others are its consequences. */
const ACTS: readonly (readonly [EventType, SetAct])[] = [
  ['revoked', 'revoke'],
  ['promoted', 'promote'],
  ['rolled_back', 'rollback'],
  ['deleted', 'delete'],
  ['retired', 'retire'],
  ['healed', 'heal'],
  ['owner_changed', 'transfer'],
  ['archived', 'archive'],
  ['unarchived', 'archive'],
  ['held', 'hold'],
  ['hold_lifted', 'hold'],
]

/** `undefined` if the change cannot matter to readers, such as a push. */
function actOf({ events }: AtomicChange): SetAct | undefined {
  return ACTS.find(([type]) => events.some((event) => event.type === type))?.[1]
}
