import type { PromptId } from '../../contract/prompt-id.ts'
import type { VersionRecord } from '../records.ts'
import { keyOf } from './keys.ts'
import { type StoredSnapshot, type StoredVersion, snapshotJson, versionJson } from './record-json.ts'
import { storedVersionOf } from './rows.ts'
import type { Table } from './table.ts'

/**
 * A head contains its stable and its latest version, so that one read gives one state. Every resolve reads it with
 * strong consistency, which DynamoDB counts in units of 4 KiB. So large fields that never change stay in the row of
 * their version, and cost one more read.
 */

const MOST_OF_A_VERSION = 7 * 1024
/** Leaves room for the attributes and the key of the row below 16 KiB. */
const MOST_OF_A_HEAD = 15 * 1024

/** The fields that a version keeps only in its own row. All but the aliases never change. */
const LARGE = {
  additions: null,
  sidecars: null,
  variables: null,
  config: null,
  description: null,
  tags: [],
  aliases: [],
  origin: null,
} satisfies Partial<VersionRecord>
type Large = Required<Pick<VersionRecord, keyof typeof LARGE>>

/** The snapshot as its head row has it. */
export function slimSnapshot(snapshot: StoredSnapshot): StoredSnapshot {
  const { stable, latest } = snapshot
  const slim = { ...snapshot, stable: unlessLarge(stable), latest: unlessLarge(latest) }
  if (Buffer.byteLength(snapshotJson(slim)) <= MOST_OF_A_HEAD) return slim
  const withoutLatest = { ...slim, latest: apart(latest) }
  return Buffer.byteLength(snapshotJson(withoutLatest)) <= MOST_OF_A_HEAD
    ? withoutLatest
    : { ...withoutLatest, stable: apart(stable) }
}

/** The whole snapshot of a head row. Makes at most one call. */
export async function wholeSnapshot(table: Table, snapshot: StoredSnapshot): Promise<StoredSnapshot> {
  const { head, stable, latest } = snapshot
  if (stable?.apart !== true && latest?.apart !== true) return snapshot
  const [wholeStable, wholeLatest] = await Promise.all([
    wholeVersion(table, head.promptId, stable),
    wholeVersion(table, head.promptId, latest),
  ])
  return { ...snapshot, stable: wholeStable, latest: wholeLatest }
}

/** A version whose row is lost keeps its fields in the head. */
async function wholeVersion(
  table: Table,
  id: PromptId,
  stored: StoredVersion | null,
): Promise<StoredVersion | null> {
  if (stored?.apart !== true) return stored
  const { record, s3Key } = stored
  const own = storedVersionOf(await table.get(keyOf.version(id, record.version)))?.record
  if (own === undefined) return { record, s3Key }
  const { additions, sidecars = null, variables, config, description, tags, aliases, origin } = own
  const large: Large = { additions, sidecars, variables, config, description, tags, aliases, origin }
  return { record: { ...record, ...large }, s3Key }
}

function unlessLarge(stored: StoredVersion | null): StoredVersion | null {
  return stored !== null && Buffer.byteLength(versionJson(stored)) > MOST_OF_A_VERSION
    ? apart(stored)
    : stored
}

function apart(stored: StoredVersion | null): StoredVersion | null {
  return stored && { record: { ...stored.record, ...LARGE }, s3Key: stored.s3Key, apart: true }
}
