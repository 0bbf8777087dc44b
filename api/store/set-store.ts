import type { ReleaseSet } from '../contract/release-set.ts'
import type { Page, Paged } from './prompt-store.ts'
import type { PointerChange, SetMove, SetPointer, StoredSet } from './set-records.ts'

/**
 * The port to the storage of release sets: their members, written once, and one pointer for each source. The
 * operations on sets call it. `PromptStore.commit` moves pointers too, together with a prompt.
 *
 * Every adapter guarantees:
 * - Reads are strongly consistent.
 * - The cost of `pointer` grows neither with moves, members nor sets.
 * - A move is atomic: the pointer and its entry in the history, or neither.
 * - Failures are `RegistryError`: `busy` if a later retry may help, else `unavailable`.
 */
export interface SetStore {
  pointer(source: string): Promise<SetPointer | undefined>

  /**
   * Moves a pointer if its sequence is still `expectedSequence`, and returns whether it did. With `leaseToken`, it
   * also returns false if somebody has taken the source's lease since that token.
   */
  move(change: PointerChange, leaseToken?: number): Promise<boolean>

  /** The moves of a source's pointer, newest first. */
  moves(source: string, query: Paged): Promise<Page<SetMove>>

  /**
   * Stores a set under its digest, unless it is there, and records that it was used at `usedAt`, in milliseconds.
   * Must be called before a pointer moves to the set.
   */
  put(digest: string, set: ReleaseSet, usedAt: number): Promise<void>

  get(digest: string): Promise<ReleaseSet | undefined>

  /**
   * Stores the proof of a set under its SHA-256, unless it is there. Must be called before a move that names it. Proofs
   * are never removed: they show which versions a source served.
   */
  putProof(digest: string, text: string): Promise<void>

  proof(digest: string): Promise<string | undefined>

  /** The stored sets of a source, ordered by digest. */
  stored(source: string, query: Paged): Promise<Page<StoredSet>>

  /** Keeps a set for good, or no longer. Returns false if the source has no such set. */
  keep(source: string, digest: string, kept: boolean): Promise<boolean>

  /** Removes a set, unless it is kept or was used after `set.usedAt`. Can be interrupted and repeated. */
  remove(set: StoredSet): Promise<void>
}
