import type { SetAct } from '../contract/registry-api.ts'
import type { Release } from '../contract/release.ts'
import type { Timestamp } from './records.ts'

/** One move of a source's pointer. Immutable. */
export interface SetMove {
  readonly source: string
  /** Grows with each move. */
  readonly sequence: number
  /** The digest of the set; `null` before the first complete pass, while the pointer only counts. */
  readonly set: string | null
  /** The tag that the set was last made for. */
  readonly release: string | null
  readonly act: SetAct
  readonly actor: string
  readonly reason: string | null
  /** The digest of the last set that was another one. */
  readonly previous: string | null
  readonly movedAt: Timestamp
  /** Identities that this move revoked. */
  readonly revoked: readonly string[]
  /** The SHA-256 of the proof of the set. Absent: nobody signed it. */
  readonly proof?: string | undefined
}

/** Keeps releases of a whole source from being promoted, as `Hold` does for one prompt. */
export interface SourceHold {
  readonly since: Timestamp
  readonly actor: string
  readonly reason: string | null
  /** The highest release known when the hold was set. A higher one ends it. */
  readonly above: Release | null
}

/** The set that a source serves now. */
export interface SetPointer {
  /** The last move. */
  readonly move: SetMove
  /** The source was rolled back to this set, and its prompts do not all serve it yet. */
  readonly settling: boolean
  readonly hold: SourceHold | null
  /** The latest revocations, newest first, at most `LIMITS.recentRevocations`. */
  readonly revocations: readonly { readonly sequence: number; readonly identity: string }[]
  /** `revocations` has every revocation after this sequence. */
  readonly revocationsAfter: number
}

/** A new pointer, and the sequence on which it is based: 0 if the source had no pointer. */
export interface PointerChange {
  readonly pointer: SetPointer
  readonly expectedSequence: number
}

/** A set in the store, without its members. */
export interface StoredSet {
  readonly digest: string
  readonly source: string
  /** Milliseconds since the epoch: when it was last put. */
  readonly usedAt: number
  /** Kept for good. */
  readonly kept: boolean
}
