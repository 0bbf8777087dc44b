import type { PromptId } from '../contract/prompt-id.ts'
import type { LedgerEntry } from '../contract/registry-api.ts'
import type { Head, NameClaim, PromptEvent, SourceRecord, StoredFinding, VersionRecord } from './records.ts'

/** A prompt with everything but its events. In memory as a whole, except its contents. */
export interface PromptCopy {
  readonly head: Head
  /** In order. */
  readonly versions: readonly VersionRecord[]
  readonly names: readonly NameClaim[]
  text(version: VersionRecord): Promise<CopiedText>
}

export interface CopiedText {
  /** `null` if the store has none, as for a purged version. */
  readonly content: string | null
  /** Empty if there is none. */
  readonly frontMatter: string
}

export interface SourceCopy {
  readonly record: SourceRecord
  /** Oldest entry first. */
  readonly ledger: readonly LedgerEntry[]
  readonly findings: readonly StoredFinding[]
}

/** Something that the copy lacks. */
export interface LeftOut {
  readonly subject: PromptId | string
  /** What happened, then what to do. */
  readonly problem: string
}

/**
 * Reads a whole registry, to copy it to another store. Each prompt is consistent. If others write meanwhile, the
 * registry as a whole is so only in this order: sources, prompts, events. A source that is older than its prompts
 * repeats changes, which does nothing; a newer one would skip them.
 */
export interface RegistryReader {
  sources(): AsyncIterable<SourceCopy>
  prompts(): AsyncIterable<PromptCopy>
  /** In the order of the feed. May repeat events, and have later ones than the heads. */
  events(): AsyncIterable<PromptEvent>
  /** Grows while the registry is read. */
  readonly leftOut: readonly LeftOut[]
}

/** Maps in order, with up to `most` calls at once. */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  most: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const ahead: Promise<R>[] = []
  for await (const item of items) {
    const next = map(item)
    // The loop below reports the failure in its turn.
    next.catch(() => undefined)
    ahead.push(next)
    const first = ahead.length >= most ? ahead.shift() : undefined
    if (first !== undefined) yield await first
  }
  for (const rest of ahead) yield await rest
}
