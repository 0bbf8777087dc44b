import { RegistryError } from '../../contract/errors.ts'
import { parseRelease } from '../../contract/release.ts'
import type { VersionName } from '../../contract/version-name.ts'
import type { PromptListing, UnreadableRow } from '../prompt-store.ts'
import type { Head, NameClaim, PromptEvent, Snapshot, VersionRecord } from '../records.ts'
import { type Key, keyOf, type Row, text } from './keys.ts'

/**
 * Rows contain our data as JSON in `record`. Next to it are the attributes that DynamoDB compares, and in version
 * rows those that other readers of the table know.
 */

/** A version and the key of its content. */
export interface StoredVersion {
  readonly version: VersionRecord
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

export function snapshotOf({ head, stable, latest }: StoredSnapshot): Snapshot {
  return { head, stable: stable?.version ?? null, latest: latest?.version ?? null }
}

export function storedSnapshotOf(row: Row): StoredSnapshot {
  const { head, stable, latest, feedAt } = recordOf<StoredSnapshot>(row)
  return { head, stable, latest: latest ?? (head.latest === head.stable ? stable : null), feedAt }
}

/** The version of a row; `undefined` if the row is not ours, such as a seeded one. */
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

/** The record of one of our rows. Throws `unavailable` with the name of the row. */
export function recordOf<T>(row: Row): T {
  const record = text(row.record)
  if (record === undefined) throw unreadable(row)
  if (row.schema === undefined) {
    throw new RegistryError(
      'unavailable',
      `The row ${rowName(row)} was written by a preview of the registry. Use an empty table, or run "promptctl adopt --reset" once.`,
    )
  }
  try {
    return JSON.parse(record) as T
  } catch (cause) {
    throw unreadable(row, cause)
  }
}

function unreadable(row: Row, cause?: unknown): RegistryError {
  return new RegistryError(
    'unavailable',
    `The row ${rowName(row)} was overwritten by another program; restore it from a backup of the table.`,
    { cause },
  )
}

/** The name of a row in messages. */
export function rowName(row: Row): string {
  return `"${text(row.prompt_key) ?? '?'}" "${text(row.version) ?? '?'}"`
}

/** The readable items, and the problems of the other rows. */
export function readable<T>(
  rows: readonly Row[],
  read: (row: Row) => T,
): { readonly items: readonly T[]; readonly unreadable: readonly UnreadableRow[] } {
  const items: T[] = []
  const unreadable: UnreadableRow[] = []
  for (const row of rows) {
    try {
      items.push(read(row))
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error
      unreadable.push({ row: rowName(row), problem: error.message })
    }
  }
  return { items, unreadable }
}

/** The possible keys of a name's claim. */
export function nameKeys(id: string, key: string): Key[] {
  const release = parseRelease(key)
  return [keyOf.name(id, key), ...(release === key ? [keyOf.release(id, release, key)] : [])]
}
