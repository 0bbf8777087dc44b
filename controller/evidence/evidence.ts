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
}

export type FoundCheck = CheckRun | UnreadableEvidence

export const NO_EVIDENCE: FoundEvidence = { at: 0, statements: new Map(), checks: new Map() }
