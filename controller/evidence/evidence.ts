import type { FoundStatement, UnreadableEvidence } from '../../api/contract/attestation/evidence.ts'
import type { CheckRun } from '../source/git-source.ts'
import type { Oid } from '../source/oid.ts'

/** All evidence about the versions of a plan. */
export interface FoundEvidence {
  /** When it was listed, in milliseconds since the epoch. */
  readonly at: number
  /** By the identity of the version that it may be about. */
  readonly statements: ReadonlyMap<string, readonly FoundStatement[]>
  /** By commit. */
  readonly checks: ReadonlyMap<Oid, readonly FoundCheck[]>
  /** How the versions served in the environment that `promotesFrom` names, by prompt id. */
  readonly served?: ReadonlyMap<string, ServedThere | UnreadableEvidence>
}

/** How a version served in the other environment. */
export interface ServedThere {
  /** How long, in milliseconds, over all its stays; `null` if it never served. */
  readonly servedMs: number | null
  readonly reads: number
  /** Why it was taken out of service there: a type of event; `null` if it serves, or a later release followed. */
  readonly withdrawn: string | null
}

export type FoundCheck = CheckRun | UnreadableEvidence

export const NO_EVIDENCE: FoundEvidence = { at: 0, statements: new Map(), checks: new Map() }
