import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { dayOf } from '../../contract/day.ts'
import { setText } from '../../contract/release-set.ts'
import type { VersionName } from '../../contract/version-name.ts'
import type { StoredFile } from '../atomic-change.ts'
import {
  filesOf,
  mapAhead,
  type PromptCopy,
  proofsOf,
  type RegistryReader,
  type SetsCopy,
  type SourceCopy,
} from '../copy.ts'
import type { PromptEvent, VersionRecord } from '../records.ts'
import type { StoredSet } from '../set-records.ts'
import type { Storage } from './committing.ts'
import { feedDayRow, feedRow } from './feed.ts'
import { CATALOG, fileKey, keyOf, type Row, row, text, textKey } from './keys.ts'
import { deltaRows, tagRows } from './ledger.ts'
import type { StoredVersion } from './record-json.ts'
import { RowSink } from './row-sink.ts'
import { moveRow, pointerRow, proofKey, setKey, storedSetRow } from './set-rows.ts'
import { findingWrites, recordWrite } from './sources.ts'
import type { Texts } from './texts.ts'
import {
  catalogWrite,
  eventWrite,
  frontMatterWrite,
  headRow,
  nameWrites,
  revocationWrites,
  versionRow,
} from './writes.ts'

const PROMPTS_AHEAD = 8
const TEXTS_AHEAD = 8
/** The heads of this many prompts are written after all of their other rows. */
const HEADS_A_GROUP = 100

/** Whether an archive can be restored to a table: `interrupted` if a restore of the same archive did not finish. */
export type TableState = 'empty' | 'interrupted' | 'occupied'

/** `archive` identifies it, such as its digest. An adoption leaves a row in an empty table. */
export async function stateForRestore({ table }: Storage, archive: string): Promise<TableState> {
  const begun = await table.get(keyOf.restoring)
  if (begun !== undefined) return text(begun.archive) === archive ? 'interrupted' : 'occupied'
  const others = {
    expression: 'NOT (#hash = :catalog AND #range = :adopted)',
    values: { ':catalog': { S: CATALOG }, ':adopted': { S: keyOf.adopted.version } },
    names: {},
  }
  for await (const { keys } of table.scan(others)) if (keys.length > 0) return 'occupied'
  return 'empty'
}

/**
 * Writes a whole registry to a table that is `empty`, or `interrupted` with the same archive. Prompts are visible
 * only when all of their rows are there; sources come last, because a source without its prompts would look done.
 */
export async function fillTable(storage: Storage, reader: RegistryReader, archive: string): Promise<void> {
  const { table } = storage
  await table.put([row(keyOf.restoring, { archive: { S: archive } })])
  const sink = new RowSink(table)
  const feedAt = await putEvents(sink, reader.events())
  await putPrompts(storage, sink, reader.prompts(), feedAt)
  for await (const source of reader.sources()) {
    await putSets(storage.texts, sink, source.sets)
    await putSource(sink, table.name, source)
  }
  const at = new Date(storage.now()).toISOString()
  await sink.add([row(keyOf.adopted, { whole: { BOOL: true }, at: { S: at } })])
  await sink.flush()
  await table.delete([keyOf.restoring])
}

/**
 * Events keep their order and their times, except that one moves by milliseconds if the order needs it. Returns the
 * position of the last one, after which the next event of every prompt comes.
 */
async function putEvents(sink: RowSink, events: AsyncIterable<PromptEvent>): Promise<number> {
  let at = 0
  let last = ''
  let day = ''
  for await (const event of events) {
    at = Math.max(at, Date.parse(event.at) || 0)
    let found = feedRow(event, at)
    if ((text(found.version) ?? '') < last) found = feedRow(event, ++at)
    last = text(found.version) ?? ''
    const days = day === dayOf(at) ? [] : [feedDayRow(at)]
    day = dayOf(at)
    await sink.add([...days, found, ...itemsOf([eventWrite('', event.prompt_id, event)])])
  }
  return at
}

async function putPrompts(
  storage: Storage,
  sink: RowSink,
  prompts: AsyncIterable<PromptCopy>,
  feedAt: number,
): Promise<void> {
  let heads: Row[] = []
  const show = async () => {
    await sink.flush()
    await storage.table.put(heads)
    heads = []
  }
  const put = async (prompt: PromptCopy) => await putPrompt(storage, sink, prompt, feedAt)
  for await (const rows of mapAhead(prompts, PROMPTS_AHEAD, put)) {
    heads.push(...rows)
    if (heads.length >= HEADS_A_GROUP) await show()
  }
  await show()
}

/** Returns the rows that make the prompt visible. */
async function putPrompt(
  { texts }: Storage,
  sink: RowSink,
  prompt: PromptCopy,
  feedAt: number,
): Promise<Row[]> {
  const { head, versions, names, text: textOf } = prompt
  const id = head.promptId
  const stored = new Map<VersionName, StoredVersion>()
  const put = async (record: VersionRecord) => {
    const { version, contentSha256 } = record
    const { content, frontMatter } = await textOf(record)
    const s3Key =
      content === null ? textKey(id, version) : await texts.store(id, version, contentSha256, content)
    const one = { record, s3Key }
    stored.set(version, one)
    const front = { version, sha256: contentSha256, text: '', frontMatter }
    const others = [...revocationWrites('', id, one), ...frontMatterWrite('', id, front)]
    const order = row(keyOf.order(id, record.order), { label: { S: version } })
    await sink.add([versionRow(id, one), order, ...itemsOf(others)])
  }
  const putFile = (file: StoredFile) => texts.storeFile(fileKey(id, file.sha256), file.text)
  for await (const _ of mapAhead(filesOf(prompt), TEXTS_AHEAD, putFile));
  for await (const _ of mapAhead(versions, TEXTS_AHEAD, put));
  await sink.add([...shaRows(id, versions), ...itemsOf(names.flatMap((claim) => nameWrites('', id, claim)))])
  const [stable, latest] = [head.stable, head.latest].map((version) => stored.get(version ?? '') ?? null)
  const snapshot = { head, stable: stable ?? null, latest: latest ?? null, feedAt }
  return [headRow(snapshot), ...itemsOf([catalogWrite('', snapshot)])]
}

/** The labels of the versions with each content hash and each identity. */
function shaRows(id: string, versions: readonly VersionRecord[]): Row[] {
  const labels = new Map<string, Set<string>>()
  for (const { version, contentSha256, identity } of versions)
    for (const sha256 of [contentSha256, identity])
      labels.set(sha256, (labels.get(sha256) ?? new Set()).add(version))
  return [...labels].map(([sha256, all]) => row(keyOf.sha(id, sha256), { labels: { SS: [...all] } }))
}

/** Sets that the archive lost have no row, so that they can be put again. */
async function putSets(
  texts: Texts,
  sink: RowSink,
  { pointer, moves, stored, set, proof }: SetsCopy,
): Promise<void> {
  const put = async (one: StoredSet): Promise<Row[]> => {
    const found = await set(one.digest)
    if (found === null) return []
    await texts.storeFile(setKey(one.digest), setText(found))
    return [storedSetRow(one)]
  }
  for await (const rows of mapAhead(stored, TEXTS_AHEAD, put)) await sink.add(rows)
  for (const digest of proofsOf(moves)) {
    const text = await proof(digest)
    if (text !== null) await texts.storeFile(proofKey(digest), text)
  }
  await sink.add(moves.map(moveRow))
  if (pointer !== null) await sink.add([pointerRow(pointer)])
}

async function putSource(
  sink: RowSink,
  table: string,
  { record, ledger, findings }: SourceCopy,
): Promise<void> {
  const { name } = record
  const tags = ledger.map(({ tag }) => tag)
  await sink.add(deltaRows(name, 1, ledger))
  await sink.add(tagRows(name, tags, 1))
  await sink.add(itemsOf(findingWrites(table, name, { put: findings, remove: [] })))
  await sink.flush()
  await sink.add([...itemsOf([recordWrite(table, record, 0, 'restore')]), row(keyOf.sourceName(name), {})])
}

/** The rows of writes to an empty table, where their conditions hold. */
function itemsOf(writes: readonly TransactWriteItem[]): Row[] {
  return writes.flatMap(({ Put }) => (Put?.Item === undefined ? [] : [Put.Item]))
}
