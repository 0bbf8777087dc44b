import type { ManifestDigest } from '../contract/folder-files.ts'
import type { PromptId } from '../contract/prompt-id.ts'
import type { Format } from '../contract/reading/format.ts'
import type { TemplateLanguage } from '../contract/reading/template-language.ts'
import type { EventDocument, OriginDocument, RevocationScope, SetBy } from '../contract/registry-api.ts'
import type { Release } from '../contract/release.ts'
import type { Additions, Json, Sidecars, Status } from '../contract/version.ts'
import type { VersionName } from '../contract/version-name.ts'

/** ISO 8601, UTC, with milliseconds. For people; never compared. */
export type Timestamp = string

/** Why releases are not promoted. A rollback sets `until_release`; `until_lifted` is a freeze. */
export interface Hold {
  readonly kind: 'until_release' | 'until_lifted'
  readonly since: Timestamp
  readonly actor: string
  readonly reason: string | null
  /** The version that was rolled back; `null` for a manual freeze. */
  readonly rolledBackFrom: VersionName | null
  /** The highest release known when the hold was set. */
  readonly above: Release | null
}

/** A version that was rolled back while it was stable. */
export interface RolledBack {
  readonly version: VersionName
  readonly payloadSha256: string
}

/** The highest release of a prompt. It never decreases. */
export interface HighestRelease {
  readonly release: Release
  readonly version: VersionName
  readonly identity: string
}

/** The current state of a prompt. Every change of the prompt replaces its head. */
export interface Head {
  readonly promptId: PromptId
  /** The sequence number of the prompt's last event. */
  readonly revision: number
  readonly stable: VersionName | null
  readonly stableBy: SetBy | null
  /** The stable version that was revoked without a fallback. */
  readonly withdrawn: VersionName | null
  readonly latest: VersionName | null
  readonly latestBy: SetBy | null
  readonly owner: string | null
  readonly hold: Hold | null
  /** Newest first, at most `LIMITS.rolledBack`. Cleared by the source's next promotion, or when a person lifts the hold. */
  readonly rolledBack: readonly RolledBack[]
  readonly highest: HighestRelease | null
  /** The highest lease token that wrote to this prompt, by source. */
  readonly fences: Readonly<Record<string, number>>
  /** The number of versions ever pushed. */
  readonly versionCount: number
  /** True if its source's branch no longer has it. */
  readonly archived?: true
  /** Of an archived prompt: the id under which its source has it now. */
  readonly movedTo?: PromptId
  /** The release that no longer had the prompt, so that nothing is stable. */
  readonly retired?: Release
  /** Set if the versions were deleted with their source. Revocations and holds stay. */
  readonly deleted?: { readonly at: Timestamp; readonly actor: string; readonly source: string | null }
  /** `null` if unknown, as for seeded prompts. */
  readonly createdAt: Timestamp | null
  readonly updatedAt: Timestamp | null
}

/** A version without its content. */
export interface VersionRecord {
  readonly version: VersionName
  /** Numbers the versions of the prompt from 1, in the order of their first push. */
  readonly order: number
  readonly status: Status
  /** 64 hex digits. Versions of a prompt share it only if they were pushed with explicit labels. */
  readonly identity: string
  readonly contentSha256: string
  /** Hash of the payload: content, variables and config. */
  readonly payloadSha256: string
  /** Hash of the whole file; `null` for a version without a file. */
  readonly fileSha256: string | null
  readonly format: Format
  /** `null` if unknown. Older rows on AWS lack it. */
  readonly templateLanguage: TemplateLanguage | null
  /** Metadata that the layout added to the file. */
  readonly additions: Additions | null
  /** `null` if there are none. Older rows on AWS lack it. */
  readonly sidecars: Sidecars | null
  /** The manifest of its skill folder; `null` if there is none. Older rows on AWS lack it. */
  readonly manifest: ManifestDigest | null
  readonly variables: Json | null
  readonly config: Json | null
  readonly description: string | null
  readonly tags: readonly string[]
  /** The newest `LIMITS.recentAliases`, newest first. */
  readonly aliases: readonly VersionName[]
  readonly origin: OriginDocument | null
  /** The highest release that this version was given and that counted. */
  readonly release: Release | null
  /** Releases that were given while they waited. `statusOf` and `releaseOf` derive which of them count. */
  readonly waiting: readonly Release[]
  /** The scope of a revocation; `null` if the version is not revoked. */
  readonly revokedScope: RevocationScope | null
  /**
   * The version that was stable before this one was last promoted; `null` if there was none, or if it was never
   * promoted.
   */
  readonly promotedOver: VersionName | null
  /** `null` if unknown, as for seeded versions. */
  readonly createdAt: Timestamp | null
  readonly updatedAt: Timestamp | null
  readonly releasedAt: Timestamp | null
  /** The content of a seeded version is missing, so its hashes are placeholders. */
  readonly textLost?: true
}

/** The fields of a version that has only content: no file, no metadata, and no release. */
export const PLAIN_VERSION: Omit<
  VersionRecord,
  | 'version'
  | 'order'
  | 'status'
  | 'identity'
  | 'contentSha256'
  | 'payloadSha256'
  | 'createdAt'
  | 'updatedAt'
  | 'textLost'
> = {
  fileSha256: null,
  format: 'text',
  templateLanguage: null,
  additions: null,
  sidecars: null,
  manifest: null,
  variables: null,
  config: null,
  description: null,
  tags: [],
  aliases: [],
  origin: null,
  release: null,
  waiting: [],
  revokedScope: null,
  promotedOver: null,
  releasedAt: null,
}

/** A name in the prompt's namespace. Claimed once, never moved. */
export interface NameClaim {
  /** `versionNameKey(name)`. */
  readonly key: string
  readonly name: VersionName
  readonly version: VersionName
  /** The identity of the version with that label. */
  readonly identity: string
  /** The release of the name, if a rollback may return to it once it counts. */
  readonly release: Release | null
}

export type PromptEvent = EventDocument

/** A head with the versions that it names: all that a resolve without a pin needs. */
export interface Snapshot {
  readonly head: Head
  readonly stable: VersionRecord | null
  readonly latest: VersionRecord | null
}

/** A statement that was posted about a version. Immutable. */
export interface StoredEvidence {
  /** SHA-256 of `envelope`. */
  readonly sha256: string
  /** The identity of the version. The registry may not have it. */
  readonly identity: string
  /** The hash of its payload as the statement gives it; `null` if it does not. */
  readonly payloadSha256: string | null
  /** The file with the envelope, as JSON. */
  readonly envelope: string
  readonly actor: string
  readonly at: Timestamp
}
