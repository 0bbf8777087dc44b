import type { PromptFile } from '../desired.ts'
import type { DesiredVersion } from '../plan/observed.ts'
import { type GitSnapshot, type Oid, SourceError } from '../source/git-source.ts'
import { MOST_FILE_BYTES, type PromptText, readPromptBlob } from './prompt-text.ts'
import type { LayoutInForce } from './repository-layout.ts'

/** A text without its content: what a plan needs of it. */
type Facts = Pick<PromptText, 'label' | 'description' | 'tags'> | { readonly problem: string }

/** By blob. */
export type PromptFacts = ReadonlyMap<Oid, Facts>

/** Reads each blob once. Throws `object_missing` where one is gone. */
export async function readFacts(
  snapshot: GitSnapshot,
  files: readonly PromptFile[],
  { frontMatter }: LayoutInForce,
): Promise<PromptFacts> {
  const facts = new Map<Oid, Facts>()
  const oids = new Set(files.map((file) => file.blob))
  if (oids.size === 0) return facts
  for await (const blob of snapshot.blobs(oids, MOST_FILE_BYTES)) {
    const text = readPromptBlob(blob, { frontMatter })
    facts.set(
      blob.oid,
      'problem' in text ? text : { label: text.label, description: text.description, tags: text.tags },
    )
  }
  return facts
}

/** Why the file cannot become a version; `undefined` where it can, or was not read. */
export function problemOf({ blob }: PromptFile, facts: PromptFacts): string | undefined {
  const text = facts.get(blob)
  return text !== undefined && 'problem' in text ? text.problem : undefined
}

/** The blobs that cannot become a version. */
export function brokenBlobs(facts: PromptFacts): ReadonlySet<Oid> {
  return new Set([...facts].flatMap(([blob, text]) => ('problem' in text ? [blob] : [])))
}

/** The file as a version at a commit: what it says of itself goes before what the repository's layout says of it. */
export function versionOf(
  { id, path, blob }: PromptFile,
  commit: Oid,
  facts: PromptFacts,
  { wordsFor }: LayoutInForce,
): DesiredVersion | null {
  const text = facts.get(blob)
  if (text === undefined || 'problem' in text) return null
  const words = wordsFor(id, path)
  const description = text.description ?? words?.description ?? null
  const tags = text.tags.length > 0 ? text.tags : (words?.tags ?? [])
  return { id, path, blob, commit, label: text.label, description, tags }
}

/** What was read; `null` where an object of it is gone. */
export async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof SourceError && error.code === 'object_missing') return null
    throw error
  }
}
