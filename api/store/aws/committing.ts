import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { VersionName } from '../../contract/version-name.ts'
import type { Change } from '../records.ts'
import { type Adoption, planAdoption } from './adoption.ts'
import { changeWrites, ITEMS_OF_A_TRANSACTION, isNew } from './change-writes.ts'
import { keyOf, promptHash, textKey } from './keys.ts'
import type { Memory } from './memory.ts'
import {
  eventOf,
  type StoredSnapshot,
  type StoredVersion,
  storedSnapshotOf,
  storedVersionOf,
} from './rows.ts'
import type { SeededPrompts } from './seeded.ts'
import type { Table } from './table.ts'
import type { Texts } from './texts.ts'
import type { Transactions } from './transactions.ts'

export interface Storage {
  readonly table: Table
  readonly transactions: Transactions
  readonly texts: Texts
  readonly seeded: SeededPrompts
  readonly memory: Memory
}

/** The prompt as the change found it. */
interface Before {
  readonly snapshot: StoredSnapshot | null
  readonly adoption: Adoption | null
}

/**
 * Carries a change out: the text first, where nobody sees it, then all rows in one transaction. What a failure
 * leaves in between is a text without a version, which the next attempt uses.
 */
export async function commitChange(storage: Storage, change: Change): Promise<boolean> {
  const before = await stateBefore(storage, change)
  if (before === undefined) return await isCommitted(storage, change)
  const stored = await storedVersions(storage, change, before)
  const after = await snapshotAfter(storage, change, before, stored)
  const { items, early } = changeWrites(storage.table.name, change, before.adoption, stored, after)
  const subject = promptHash(change.promptId)
  for (let from = 0; from < early.length; from += ITEMS_OF_A_TRANSACTION) {
    const part = early.slice(from, from + ITEMS_OF_A_TRANSACTION)
    if (!(await storage.transactions.write(subject, part))) return false
  }
  if (!(await writeOrRecognise(storage, change, subject, items))) return false
  storage.memory.keep(after, JSON.stringify(after).length)
  for (const version of stored.values()) storage.memory.keepPlace(after.head.promptId, version)
  return true
}

/** `undefined` where the prompt is not at the revision that the change was decided on. */
async function stateBefore(storage: Storage, change: Change): Promise<Before | undefined> {
  const { promptId, expectedRevision } = change
  const { memory, table, seeded } = storage
  if (expectedRevision === 0 && memory.isAbsent(promptId)) return { snapshot: null, adoption: null }
  const known = memory.at(promptId, expectedRevision)
  if (known !== undefined) return { snapshot: known, adoption: null }
  const row = await table.get(keyOf.head(promptId))
  const snapshot = row && storedSnapshotOf(row)
  if ((snapshot?.head.revision ?? 0) !== expectedRevision) return undefined
  if (snapshot !== undefined) return { snapshot, adoption: null }
  const prompt = await seeded.get(promptId)
  if (prompt === undefined) return { snapshot: null, adoption: null }
  const adoption = await planAdoption(storage, prompt, change)
  return adoption && { snapshot: await seeded.snapshot(prompt), adoption }
}

/** The change's versions with the places of their texts, the new text being stored by then. */
async function storedVersions(
  storage: Storage,
  change: Change,
  { adoption, snapshot }: Before,
): Promise<ReadonlyMap<VersionName, StoredVersion>> {
  const { head, versions, content } = change
  const entries = versions.map(async (version) => {
    const adopted = adoption?.versions.get(version.label)?.stored
    const s3Key =
      adopted?.s3Key ??
      (isNew(change, version) && content !== null
        ? await storage.texts.store(head.promptId, version.label, content.sha256, content.text)
        : await placeOf(storage, snapshot, head.promptId, version.label))
    return [version.label, { version, s3Key }] as const
  })
  return new Map(await Promise.all(entries))
}

async function placeOf(
  storage: Storage,
  snapshot: StoredSnapshot | null,
  id: string,
  label: VersionName,
): Promise<string> {
  const known = [snapshot?.stable, snapshot?.latest].find((stored) => stored?.version.label === label)
  if (known != null) return known.s3Key
  const place = storage.memory.place(id, label)
  if (place !== undefined) return place
  return storedVersionOf(await storage.table.get(keyOf.version(id, label)))?.s3Key ?? textKey(id, label)
}

async function snapshotAfter(
  storage: Storage,
  change: Change,
  { snapshot, adoption }: Before,
  stored: ReadonlyMap<VersionName, StoredVersion>,
): Promise<StoredSnapshot> {
  const { head } = change
  const find = async (label: VersionName | null): Promise<StoredVersion | null> => {
    if (label === null) return null
    const inHead = [snapshot?.stable, snapshot?.latest].find((one) => one?.version.label === label)
    const known = stored.get(label) ?? adoption?.versions.get(label)?.stored ?? inHead
    if (known != null) return known
    return storedVersionOf(await storage.table.get(keyOf.version(head.promptId, label))) ?? null
  }
  const [stable, latest] = await Promise.all([find(head.stable), find(head.latest)])
  return { head, stable, latest }
}

/**
 * An answer may be lost after the rows were written, and a repeated request is then refused by its own
 * condition. The row of the change's last event says whether it was this change.
 */
async function writeOrRecognise(
  storage: Storage,
  change: Change,
  subject: string,
  items: readonly TransactWriteItem[],
): Promise<boolean> {
  try {
    return (await storage.transactions.write(subject, items)) || (await isCommitted(storage, change))
  } catch (error) {
    const committed = await isCommitted(storage, change).catch(() => false)
    if (committed) return true
    throw error
  }
}

async function isCommitted({ table }: Storage, { promptId, events }: Change): Promise<boolean> {
  const last = events.at(-1)
  if (last === undefined) return false
  const row = await table.get(keyOf.event(promptId, last.sequence))
  return row !== undefined && eventOf(row).id === last.id
}
