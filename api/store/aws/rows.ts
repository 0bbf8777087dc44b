import { RegistryError } from '../../contract/errors.ts'
import { parseRelease } from '../../contract/release.ts'
import type { VersionName } from '../../contract/version-name.ts'
import type { PromptListing } from '../prompt-store.ts'
import type { Head, NameClaim, PromptEvent, Snapshot, VersionRecord } from '../records.ts'
import { type Key, keyOf, type Row, text } from './keys.ts'

/**
 * Rows hold what we know as JSON in `record`. Beside it are the attributes that DynamoDB itself compares, and in
 * version rows those that other readers of the table know.
 */

/** A version and where its text is. */
export interface StoredVersion {
  readonly version: VersionRecord
  readonly s3Key: string
}

/** A snapshot as its head row holds it: the versions are in it, so that reading it is one moment and one call. */
export interface StoredSnapshot {
  readonly head: Head
  readonly stable: StoredVersion | null
  readonly latest: StoredVersion | null
}

export function snapshotOf({ head, stable, latest }: StoredSnapshot): Snapshot {
  return { head, stable: stable?.version ?? null, latest: latest?.version ?? null }
}

export function storedSnapshotOf(row: Row): StoredSnapshot {
  const { head, stable, latest } = recordOf<StoredSnapshot>(row)
  return { head, stable, latest: latest ?? (head.latest === head.stable ? stable : null) }
}

/** The version of a row; `undefined` where the row is not one of ours, such as a seeded one. */
export function storedVersionOf(row: Row | undefined): StoredVersion | undefined {
  return row?.record === undefined ? undefined : recordOf<StoredVersion>(row)
}

export function nameOf(row: Row): NameClaim {
  return recordOf<NameClaim>(row)
}

export function eventOf(row: Row): PromptEvent {
  return recordOf<PromptEvent>(row)
}

export function listingOf(row: Row): PromptListing {
  return recordOf<PromptListing>(row)
}

export function labelOf(row: Row): VersionName {
  return text(row.label) ?? ''
}

export function labelsOf(row: Row | undefined): readonly VersionName[] {
  return row?.labels?.SS ?? []
}

function recordOf<T>(row: Row): T {
  const record = text(row.record)
  if (record !== undefined) return JSON.parse(record) as T
  throw new RegistryError(
    'unavailable',
    `The row "${text(row.prompt_key)}" "${text(row.version)}" was overwritten by something else than the registry; restore the table from a backup.`,
  )
}

/** Where the claim of a name may be. */
export function nameKeys(id: string, key: string): Key[] {
  const release = parseRelease(key)
  return [keyOf.name(id, key), ...(release === key ? [keyOf.release(id, release, key)] : [])]
}
