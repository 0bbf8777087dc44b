import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { dayOf } from '../../contract/day.ts'
import type { VersionName } from '../../contract/version-name.ts'
import type { AtomicChange } from '../atomic-change.ts'
import type { VersionRecord } from '../records.ts'
import { type Adoption, copiedText, planAdoption } from './adoption.ts'
import { changeWrites, ITEMS_OF_A_TRANSACTION, isNew } from './change-writes.ts'
import { feedDayRow } from './feed.ts'
import { storeFiles } from './folder-files.ts'
import { wholeSnapshot } from './head-versions.ts'
import { keyOf, promptHash, textKey } from './keys.ts'
import type { Memory } from './memory.ts'
import type { StoredSnapshot, StoredVersion } from './record-json.ts'
import { eventOf, storedSnapshotOf, storedVersionOf } from './rows.ts'
import type { SeededPrompts } from './seeded.ts'
import type { SeededVersion } from './seeded-prompt.ts'
import type { Table } from './table.ts'
import type { Texts } from './texts.ts'
import type { Transactions } from './transactions.ts'

export interface Storage {
  readonly table: Table
  readonly transactions: Transactions
  readonly texts: Texts
  readonly seeded: SeededPrompts
  readonly memory: Memory
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The state of the prompt before the change. */
interface Before {
  readonly snapshot: StoredSnapshot | null
  readonly adoption: Adoption | null
}

/**
 * Commits a change: first the content, which is not visible yet, then all rows in one transaction. A failure in
 * between leaves only content without a version, which a retry uses.
 */
export async function commitChange(storage: Storage, change: AtomicChange): Promise<boolean> {
  const before = await stateBefore(storage, change)
  if (before === undefined) return await isCommitted(storage, change)
  const { strays, change: whole } = await withStrays(storage, change)
  const stored = await storedVersions(storage, whole, before, strays)
  const after = await snapshotAfter(storage, whole, before, stored)
  const seen = new Map([...strays].map(([version, stray]) => [version, stray.seen]))
  const { items, early } = changeWrites(storage.table.name, whole, before.adoption, stored, after, seen)
  await announceDay(storage, after.feedAt)
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

/** Announces each day once per process. Readers of the feed must find a day before it has events. */
async function announceDay({ table, memory }: Storage, at: number): Promise<void> {
  const day = dayOf(at)
  if (memory.feedDay?.day !== day) {
    const announced = table.put([feedDayRow(at)])
    memory.feedDay = { day, announced }
    // The next change retries it.
    announced.catch(() => {
      memory.feedDay = null
    })
  }
  await memory.feedDay.announced
}

/**
 * Versions that another program added to a prompt have no order yet. The first change that touches them assigns
 * one and copies their content to keys of our own.
 */
async function withStrays(storage: Storage, change: AtomicChange) {
  const strays = new Map<VersionName, SeededVersion>()
  if (change.versions.every(({ order }) => order > 0)) return { strays, change }
  let { versionCount } = change.head
  const versions = []
  for (const version of change.versions) {
    if (version.order > 0) versions.push(version)
    else {
      const stray = await storage.seeded.stray(change.head.promptId, version.version)
      if (stray !== undefined) strays.set(version.version, stray)
      versions.push({ ...version, order: ++versionCount })
    }
  }
  return { strays, change: { ...change, versions, head: { ...change.head, versionCount } } }
}

/** `undefined` if the prompt is no longer at the revision on which the change is based. */
async function stateBefore(storage: Storage, change: AtomicChange): Promise<Before | undefined> {
  const { promptId, expectedRevision } = change
  const { memory, table, seeded } = storage
  if (expectedRevision === 0 && memory.isAbsent(promptId)) return { snapshot: null, adoption: null }
  const known = memory.at(promptId, expectedRevision)
  if (known !== undefined) return { snapshot: known, adoption: null }
  const row = await table.get(keyOf.head(promptId))
  const snapshot = row && (await wholeSnapshot(table, storedSnapshotOf(row)))
  if ((snapshot?.head.revision ?? 0) !== expectedRevision) return undefined
  if (snapshot !== undefined) return { snapshot, adoption: null }
  const prompt = await seeded.get(promptId)
  if (prompt === undefined) return { snapshot: null, adoption: null }
  const adoption = await planAdoption(storage, prompt, change)
  return adoption && { snapshot: await seeded.snapshot(prompt), adoption }
}

/** The versions of a change with the keys of their content. Stores new content. */
async function storedVersions(
  storage: Storage,
  change: AtomicChange,
  { adoption, snapshot }: Before,
  strays: ReadonlyMap<VersionName, SeededVersion>,
): Promise<ReadonlyMap<VersionName, StoredVersion>> {
  const { head, versions, content } = change
  const keyOfText = async (record: VersionRecord): Promise<string> => {
    const { version } = record
    const stray = strays.get(version)
    if (stray !== undefined) return (await copiedText(storage, head.promptId, stray)).s3Key
    if (isNew(change, record) && content !== null) {
      await storeFiles(storage.texts, head.promptId, content.files)
      return await storage.texts.store(head.promptId, version, content.sha256, content.text)
    }
    return await placeOf(storage, snapshot, head.promptId, version)
  }
  const entries = versions.map(async (version) => {
    const adopted = adoption?.versions.get(version.version)?.stored
    return [
      version.version,
      { record: version, s3Key: adopted?.s3Key ?? (await keyOfText(version)) },
    ] as const
  })
  return new Map(await Promise.all(entries))
}

async function placeOf(
  storage: Storage,
  snapshot: StoredSnapshot | null,
  id: string,
  version: VersionName,
): Promise<string> {
  const known = [snapshot?.stable, snapshot?.latest].find((stored) => stored?.record.version === version)
  if (known != null) return known.s3Key
  const place = storage.memory.place(id, version)
  if (place !== undefined) return place
  return storedVersionOf(await storage.table.get(keyOf.version(id, version)))?.s3Key ?? textKey(id, version)
}

async function snapshotAfter(
  storage: Storage,
  change: AtomicChange,
  { snapshot, adoption }: Before,
  stored: ReadonlyMap<VersionName, StoredVersion>,
): Promise<StoredSnapshot> {
  const { head } = change
  const find = async (version: VersionName | null): Promise<StoredVersion | null> => {
    if (version === null) return null
    const inHead = [snapshot?.stable, snapshot?.latest].find((one) => one?.record.version === version)
    const known = stored.get(version) ?? adoption?.versions.get(version)?.stored ?? inHead
    if (known != null) return known
    return storedVersionOf(await storage.table.get(keyOf.version(head.promptId, version))) ?? null
  }
  const [stable, latest] = await Promise.all([find(head.stable), find(head.latest)])
  return { head, stable, latest, feedAt: Math.max(storage.now(), snapshot?.feedAt ?? 0) }
}

/**
 * A response may be lost after the rows were written, and the condition of a retry then fails. The row of the
 * change's last event shows whether this change was committed.
 */
async function writeOrRecognise(
  storage: Storage,
  change: AtomicChange,
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

async function isCommitted({ table }: Storage, { promptId, events }: AtomicChange): Promise<boolean> {
  const last = events.at(-1)
  if (last === undefined) return false
  const row = await table.get(keyOf.event(promptId, last.sequence))
  return row !== undefined && eventOf(row).id === last.id
}
