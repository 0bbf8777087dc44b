import { type PromptId, promptIdKey } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
import { Bounded } from '../bounded.ts'
import type { StoredSnapshot, StoredVersion } from './record-json.ts'

const MOST = { snapshotCharacters: 8_000_000, ids: 20_000, places: 50_000, absent: 5_000, seeded: 1_000 }

interface KnownSnapshot {
  readonly snapshot: StoredSnapshot
  readonly size: number
}

/**
 * Caches facts about prompts that cannot change: a prompt keeps its head, a revision is one state, and content
 * keeps its key. Saves reads. No response relies on the cache alone; anything that others may have changed is read
 * again.
 */
export class Memory {
  readonly #snapshots = new Bounded<KnownSnapshot>(MOST.snapshotCharacters, ({ size }) => size)
  readonly #ids = new Bounded<PromptId>(MOST.ids)
  readonly #places = new Bounded<string>(MOST.places)
  readonly #absent = new Bounded<true>(MOST.absent)
  readonly #seeded = new Bounded<true>(MOST.seeded)
  /** Whether the last look at the catalog showed that it has every seeded prompt. */
  catalogIsWhole = false
  /** Whether the last scan of the whole table finished. */
  isTableSmall = true
  /** The last feed day that this process announced, and the promise of its announcement. */
  feedDay: { readonly day: string; readonly announced: Promise<void> } | null = null

  /** Keeps a prompt with a head, as read or written. */
  keep(snapshot: StoredSnapshot, size: number): void {
    const { head, stable, latest } = snapshot
    const key = promptIdKey(head.promptId)
    this.#ids.set(key, head.promptId)
    this.#absent.delete(key)
    this.#seeded.delete(head.promptId)
    this.#snapshots.set(key, { snapshot, size })
    for (const stored of [stable, latest]) if (stored !== null) this.keepPlace(head.promptId, stored)
  }

  /** The prompt at exactly this revision. */
  at(id: PromptId, revision: number): StoredSnapshot | undefined {
    const known = this.#snapshots.get(promptIdKey(id))?.snapshot
    return known?.head.revision === revision ? known : undefined
  }

  /** The spelling of the id of a prompt with a head. */
  writtenId(id: PromptId): PromptId | undefined {
    return this.#ids.get(promptIdKey(id))
  }

  keepPlace(id: PromptId, { record: version, s3Key }: StoredVersion): void {
    this.#places.set(placeOf(id, version.version), s3Key)
  }

  /** The S3 key of a version's content. */
  place(id: PromptId, version: VersionName): string | undefined {
    return this.#places.get(placeOf(id, version))
  }

  /** Records that the last lookup found nothing of this prompt, not even seeded rows. */
  keepAbsent(id: PromptId): void {
    this.#absent.set(promptIdKey(id), true)
  }

  isAbsent(id: PromptId): boolean {
    return this.#absent.get(promptIdKey(id)) === true
  }

  /** Call this when a new lookup starts. */
  forgetAbsent(id: PromptId): void {
    this.#absent.delete(promptIdKey(id))
  }

  /** Records a prompt that exists only as seeded rows. */
  keepSeeded(id: PromptId): void {
    this.#seeded.set(id, true)
  }

  /** Some of the prompts that had only seeded rows when this process last saw them. */
  seededIds(most: number): PromptId[] {
    return [...this.#seeded.keys()].slice(0, most)
  }

  /** Records that the prompt now has a head, or no rows. */
  forgetSeeded(id: PromptId): void {
    this.#seeded.delete(id)
  }
}

function placeOf(id: PromptId, version: VersionName): string {
  return `${promptIdKey(id)}\n${version}`
}
