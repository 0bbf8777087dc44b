import { type PromptId, promptIdKey } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
import { Bounded } from './bounded.ts'
import type { StoredSnapshot, StoredVersion } from './rows.ts'

const MOST = { snapshotCharacters: 8_000_000, ids: 20_000, places: 50_000, absent: 5_000, seeded: 1_000 }

interface KnownSnapshot {
  readonly snapshot: StoredSnapshot
  readonly size: number
}

/**
 * What this process knows of prompts that can never become untrue: a prompt that has a head keeps it, a revision
 * is one state, a text stays where it is. It saves reads; nothing that a reader is told comes from here alone, and
 * what others may have changed since is asked again.
 */
export class Memory {
  readonly #snapshots = new Bounded<KnownSnapshot>(MOST.snapshotCharacters, ({ size }) => size)
  readonly #ids = new Bounded<PromptId>(MOST.ids)
  readonly #places = new Bounded<string>(MOST.places)
  readonly #absent = new Bounded<true>(MOST.absent)
  readonly #seeded = new Bounded<true>(MOST.seeded)
  /** Whether the catalog said last that every seeded prompt is in it. */
  catalogIsWhole = false

  /** A prompt with a head, as it was read or written. */
  keep(snapshot: StoredSnapshot, size: number): void {
    const { head, stable, latest } = snapshot
    const key = promptIdKey(head.promptId)
    this.#ids.set(key, head.promptId)
    this.#absent.delete(key)
    this.#seeded.delete(head.promptId)
    this.#snapshots.set(key, { snapshot, size })
    for (const stored of [stable, latest]) if (stored !== null) this.keepPlace(head.promptId, stored)
  }

  /** The prompt at this very revision. */
  at(id: PromptId, revision: number): StoredSnapshot | undefined {
    const known = this.#snapshots.get(promptIdKey(id))?.snapshot
    return known?.head.revision === revision ? known : undefined
  }

  /** How the id of a prompt with a head is written. */
  writtenId(id: PromptId): PromptId | undefined {
    return this.#ids.get(promptIdKey(id))
  }

  keepPlace(id: PromptId, { version, s3Key }: StoredVersion): void {
    this.#places.set(placeOf(id, version.label), s3Key)
  }

  /** Where the text of a version is. */
  place(id: PromptId, label: VersionName): string | undefined {
    return this.#places.get(placeOf(id, label))
  }

  /** The look that just ended found nothing of this prompt, no seeded rows either. */
  keepAbsent(id: PromptId): void {
    this.#absent.set(promptIdKey(id), true)
  }

  isAbsent(id: PromptId): boolean {
    return this.#absent.get(promptIdKey(id)) === true
  }

  /** To be called when a new look begins. */
  forgetAbsent(id: PromptId): void {
    this.#absent.delete(promptIdKey(id))
  }

  /** A prompt that exists as seeded rows only. */
  keepSeeded(id: PromptId): void {
    this.#seeded.set(id, true)
  }

  /** Some of the prompts that were seeded rows only when this process met them, and of which it knows no end since. */
  seededIds(most: number): PromptId[] {
    return [...this.#seeded.keys()].slice(0, most)
  }

  /** The prompt has a head by now, or no rows. */
  forgetSeeded(id: PromptId): void {
    this.#seeded.delete(id)
  }
}

function placeOf(id: PromptId, label: VersionName): string {
  return `${promptIdKey(id)}\n${label}`
}
