import { type FolderFile, manifestOf } from '../contract/folder-files.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { LedgerEntry } from '../contract/registry-api.ts'
import type { ReleaseSet } from '../contract/release-set.ts'
import type { StoredFile } from './atomic-change.ts'
import type { Head, NameClaim, PromptEvent, VersionRecord } from './records.ts'
import type { SetMove, SetPointer, StoredSet } from './set-records.ts'
import type { SourceRecord, StoredFinding } from './source-records.ts'

const FILES_AHEAD = 8

/** A prompt with everything but its events. In memory as a whole, except its contents. */
export interface PromptCopy {
  readonly head: Head
  /** In order. */
  readonly versions: readonly VersionRecord[]
  readonly names: readonly NameClaim[]
  text(version: VersionRecord): Promise<CopiedText>
  /** A manifest or a file of a skill folder, by its digest; `null` if the store has none. */
  file(sha256: string): Promise<string | null>
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
  readonly sets: SetsCopy
}

/** The sets of a source. In memory as a whole, except their members. */
export interface SetsCopy {
  /** `null` if the source has none. */
  readonly pointer: SetPointer | null
  /** Newest first. The first one is that of the pointer. */
  readonly moves: readonly SetMove[]
  readonly stored: readonly StoredSet[]
  /** `null` if the store lost it. */
  set(digest: string): Promise<ReleaseSet | null>
  /** The text of a proof that a move names; `null` if the store lost it. */
  proof(digest: string): Promise<string | null>
}

/** The digests of the proofs that moves name, each once. */
export function proofsOf(moves: readonly SetMove[]): ReadonlySet<string> {
  return new Set(moves.flatMap(({ proof }) => proof ?? []))
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

/** The manifests of the versions and the text files in them, each once. */
export async function* filesOf({ versions, file }: PromptCopy): AsyncGenerator<StoredFile> {
  const seen = new Set<string>()
  const unseen = (sha256: string) => !seen.has(sha256) && seen.add(sha256)
  for (const { manifest } of versions) {
    const text = manifest !== null && unseen(manifest.sha256) ? await file(manifest.sha256) : null
    if (manifest === null || text === null) continue
    yield { sha256: manifest.sha256, text }
    const texts = manifestOf(text).filter(({ sha256, binary }) => binary !== true && unseen(sha256))
    const read = async ({ sha256 }: FolderFile) => ({ sha256, text: await file(sha256) })
    for await (const { sha256, text: found } of mapAhead(texts, FILES_AHEAD, read))
      if (found !== null) yield { sha256, text: found }
  }
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

/** A proof is gone from the original. Clients that verify then wait for the next signed set. */
export function lostProof(digest: string, source: string): LeftOut {
  return {
    subject: source,
    problem: `The proof ${digest.slice(0, 12)} of a set is missing. Restore an earlier version of its object.`,
  }
}

/** The members of a set are gone from the original. */
export function lostSet(digest: string, source: string): LeftOut {
  return {
    subject: source,
    problem: `The members of its set ${digest.slice(0, 12)} are missing. Restore an earlier version of their object.`,
  }
}
