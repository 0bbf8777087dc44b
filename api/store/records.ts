import type { PromptId } from '../contract/prompt-id.ts'
import type { EventDocument, OriginDocument } from '../contract/registry-api.ts'
import type { Release } from '../contract/release.ts'
import type { Json, Status } from '../contract/version.ts'
import type { VersionName } from '../contract/version-name.ts'

/** ISO 8601, UTC, with milliseconds. Shown to people; never compared. */
export type Timestamp = string

/** Why releases do not reach a prompt. `until_release` is set by a rollback, `until_lifted` is a freeze. */
export interface Hold {
  readonly kind: 'until_release' | 'until_lifted'
  readonly since: Timestamp
  readonly actor: string
  readonly reason: string | null
  /** The version that was rolled back, by label and identity: its text does not end the hold. */
  readonly rolledBackFrom: { readonly label: VersionName; readonly identity: string } | null
}

/** The highest release of a prompt; it never goes down. */
export interface HighestRelease {
  readonly release: Release
  readonly label: VersionName
  readonly identity: string
}

/** What a prompt is now. Every change of anything of the prompt replaces its head. */
export interface Head {
  readonly promptId: PromptId
  /** The sequence of the prompt's last event. */
  readonly revision: number
  readonly stable: VersionName | null
  /** The version that was stable until it was revoked with nothing to go back to. */
  readonly withdrawn: VersionName | null
  readonly latest: VersionName | null
  readonly owner: string | null
  readonly hold: Hold | null
  readonly highest: HighestRelease | null
  /** By source, the highest lease token that wrote to this prompt. */
  readonly fences: Readonly<Record<string, number>>
  /** How many versions were ever pushed. */
  readonly versionCount: number
  /** Its source's branch does not have it any more; absent where it does. Heads of before this was known have none. */
  readonly archived?: true
  /** The release at which its source no longer had it, so that nothing is stable; absent where that is not so. */
  readonly retired?: Release
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

/** A version without its text. */
export interface VersionRecord {
  readonly label: VersionName
  /** Counts the versions of the prompt from 1, in the order of their first push. */
  readonly order: number
  readonly status: Status
  /** Shared exactly by versions that are the same: text, variables and config. */
  readonly identity: string
  readonly contentSha256: string
  readonly variables: Json | null
  readonly config: Json | null
  readonly description: string | null
  readonly tags: readonly string[]
  /** The newest `LIMITS.recentAliases`, newest first. */
  readonly aliases: readonly VersionName[]
  readonly origin: OriginDocument | null
  /** The highest release that this version was given. */
  readonly release: Release | null
  /** What was stable just before this version was last promoted; `null` where nothing was, or never promoted. */
  readonly promotedOver: VersionName | null
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly releasedAt: Timestamp | null
}

/** A name in the prompt's namespace. Claimed once, never moved. */
export interface NameClaim {
  /** `versionNameKey(name)`. */
  readonly key: string
  readonly name: VersionName
  readonly label: VersionName
  /** Set where the name is a release that a rollback may go to. */
  readonly release: Release | null
}

export type PromptEvent = EventDocument

/** A head with the versions it names: all that a resolve without a pin needs. */
export interface Snapshot {
  readonly head: Head
  readonly stable: VersionRecord | null
  readonly latest: VersionRecord | null
}

/** One atomic step of one prompt. */
export interface Change {
  readonly promptId: PromptId
  /** The revision it was decided on; 0 where the prompt is new. */
  readonly expectedRevision: number
  readonly head: Head
  /** New and replaced versions, whole. */
  readonly versions: readonly VersionRecord[]
  /** The text of the new version; `null` where there is none. */
  readonly content: { readonly sha256: string; readonly text: string } | null
  readonly names: readonly NameClaim[]
  /** At least one; the last one's sequence is `head.revision`. */
  readonly events: readonly PromptEvent[]
}

export interface SourceLease {
  readonly holder: string
  readonly token: number
  /** Milliseconds since the epoch, by the registry's clock. */
  readonly expiresAt: number
}

/** What a source's controller observed and did. */
export interface SourceRecord {
  readonly name: string
  /** Counts every write of this record; the store compares it. */
  readonly version: number
  /** Counts the writes of `state`; the controller compares it. */
  readonly revision: number
  readonly state: Readonly<Record<string, Json>> | null
  /** Grows with each call for a full pass. */
  readonly attention: number
  readonly ledgerLength: number
  /** Grows with each lease taken, and outlives them. */
  readonly leaseToken: number
  readonly lease: SourceLease | null
  readonly updatedAt: Timestamp | null
}
