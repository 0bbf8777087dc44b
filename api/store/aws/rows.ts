import { RegistryError } from '../../contract/errors.ts'
import { parseRelease } from '../../contract/release.ts'
import type { VersionName } from '../../contract/version-name.ts'
import type { PromptListing, UnreadableRow } from '../prompt-store.ts'
import type { NameClaim, PromptEvent, Snapshot } from '../records.ts'
import { type Key, keyOf, type Row, text } from './keys.ts'
import {
  listingFromJson,
  nameFromJson,
  type StoredSnapshot,
  type StoredVersion,
  snapshotFromJson,
  versionFromJson,
} from './record-json.ts'

/**
 * Rows contain our data as JSON in `record`. Next to it are the attributes that DynamoDB compares, and in version
 * rows those that other readers of the table know.
 */

export function snapshotOf({ head, stable, latest }: StoredSnapshot): Snapshot {
  return { head, stable: stable?.record ?? null, latest: latest?.record ?? null }
}

export function storedSnapshotOf(row: Row): StoredSnapshot {
  return recordOf(row, snapshotFromJson)
}

/** The version of a row; `undefined` if the row is not ours, such as a seeded one. */
export function storedVersionOf(row: Row | undefined): StoredVersion | undefined {
  return row?.record === undefined ? undefined : recordOf(row, versionFromJson)
}

export function nameOf(row: Row): NameClaim {
  return recordOf(row, nameFromJson)
}

export function eventOf(row: Row): PromptEvent {
  return recordOf<PromptEvent>(row)
}

export function listingOf(row: Row): PromptListing {
  return recordOf(row, listingFromJson)
}

export function labelOf(row: Row): VersionName {
  return text(row.label) ?? ''
}

export function labelsOf(row: Row | undefined): readonly VersionName[] {
  return row?.labels?.SS ?? []
}

/** The record of one of our rows. Throws `unavailable` with the name of the row. */
export function recordOf<T>(row: Row, read: (json: string) => T = JSON.parse): T {
  const record = text(row.record)
  if (record === undefined) throw unreadable(row)
  if (row.schema === undefined) {
    throw new RegistryError(
      'unavailable',
      `The row ${rowName(row)} was written by a preview of the registry. Use an empty table, or run "promptctl adopt --reset" once.`,
    )
  }
  try {
    return read(record)
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
