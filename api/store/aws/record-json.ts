import type { ListedVersion, PromptListing } from '../prompt-store.ts'
import type { Head, NameClaim, VersionRecord } from '../records.ts'
import {
  fromStored,
  fromStoredHead,
  type Stored,
  type StoredHead,
  toStored,
  toStoredHead,
} from '../stored-label.ts'

/** A version and the key of its content. */
export interface StoredVersion {
  readonly record: VersionRecord
  readonly s3Key: string
  /** In a head: the row of the version has more of it. */
  readonly apart?: true
}

/** A snapshot as stored in its head row. It contains the versions, so one call reads one consistent state. */
export interface StoredSnapshot {
  readonly head: Head
  readonly stable: StoredVersion | null
  readonly latest: StoredVersion | null
  /**
   * Milliseconds since the epoch. The position of the prompt's last event in the feed, so that the next event
   * comes after it.
   */
  readonly feedAt: number
}

/** A version as JSON, in the `record` of a row. */
interface VersionJson {
  readonly version: Stored<VersionRecord>
  readonly s3Key: string
  readonly apart?: true
}

interface SnapshotJson {
  readonly head: StoredHead
  readonly stable: VersionJson | null
  /** Also `null` if it is the stable version, which is then stored once. */
  readonly latest: VersionJson | null
  readonly feedAt: number
}

interface ListingJson {
  readonly head: StoredHead
  readonly stable: Stored<ListedVersion> | null
  readonly latest: Stored<ListedVersion> | null
}

export function versionJson(stored: StoredVersion): string {
  return JSON.stringify(toVersion(stored))
}

export function versionFromJson(json: string): StoredVersion {
  return fromVersion(JSON.parse(json))
}

export function snapshotJson({ head, stable, latest, feedAt }: StoredSnapshot): string {
  const other = head.latest === head.stable ? null : latest
  return JSON.stringify({
    head: toStoredHead(head),
    stable: stable && toVersion(stable),
    latest: other && toVersion(other),
    feedAt,
  } satisfies SnapshotJson)
}

export function snapshotFromJson(json: string): StoredSnapshot {
  const { head, stable, latest, feedAt }: SnapshotJson = JSON.parse(json)
  const first = stable && fromVersion(stable)
  const other = latest && fromVersion(latest)
  return {
    head: fromStoredHead(head),
    stable: first,
    latest: other ?? (head.latest === head.stable ? first : null),
    feedAt,
  }
}

export function listingJson({ head, stable, latest }: PromptListing): string {
  return JSON.stringify({
    head: toStoredHead(head),
    stable: stable && toStored(stable),
    latest: latest && toStored(latest),
  } satisfies ListingJson)
}

export function listingFromJson(json: string): PromptListing {
  const { head, stable, latest }: ListingJson = JSON.parse(json)
  return {
    head: fromStoredHead(head),
    stable: stable && fromStored(stable),
    latest: latest && fromStored(latest),
  }
}

export function nameJson(claim: NameClaim): string {
  return JSON.stringify(toStored(claim))
}

export function nameFromJson(json: string): NameClaim {
  const claim: Stored<NameClaim> = JSON.parse(json)
  return fromStored(claim)
}

function toVersion({ record, ...rest }: StoredVersion): VersionJson {
  return { version: toStored(record), ...rest }
}

function fromVersion({ version, ...rest }: VersionJson): StoredVersion {
  return { record: fromStored(version), ...rest }
}
