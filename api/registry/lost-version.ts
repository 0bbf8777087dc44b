import { type VersionName, versionNameKey } from '../contract/version-name.ts'
import type { NewContent } from '../store/atomic-change.ts'
import type { FoundVersions, PromptStore } from '../store/prompt-store.ts'
import type { Snapshot, VersionRecord } from '../store/records.ts'

/** A version whose row another program deleted, with everything needed to write it again. */
export interface LostVersion {
  readonly version: VersionRecord
  readonly content: NewContent
}

/**
 * The stable version, if `name` is one of its names and its row is missing: the head has a copy of the row, and
 * the content still exists. Otherwise `null`. Throws `text_missing`.
 */
export async function lostStable(
  prompts: PromptStore,
  snapshot: Snapshot | undefined,
  name: VersionName,
  { byName }: FoundVersions,
): Promise<LostVersion | null> {
  const version = snapshot?.stable ?? null
  if (snapshot === undefined || version === null || byName.has(versionNameKey(name))) return null
  if (!keysOf(version).includes(versionNameKey(name))) return null
  const { promptId } = snapshot.head
  const text = await prompts.content(promptId, version)
  const frontMatter = version.fileSha256 === null ? null : await prompts.frontMatter(promptId, version)
  return { version, content: { version: version.version, sha256: version.contentSha256, text, frontMatter } }
}

/** The found versions, with the lost one written again. */
export function withLost(found: FoundVersions, lost: LostVersion | null): FoundVersions {
  if (lost === null) return found
  const { version } = lost
  return {
    ...found,
    byName: new Map([...found.byName, ...keysOf(version).map((key) => [key, version] as const)]),
  }
}

function keysOf({ version, aliases }: VersionRecord): string[] {
  return [version, ...aliases].map(versionNameKey)
}
