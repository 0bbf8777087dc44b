import type { PromptId } from '../../contract/prompt-id.ts'
import type {
  FoundVersions,
  Page,
  PageItems,
  PageQueries,
  PromptStore,
  VersionQuery,
} from '../prompt-store.ts'
import type { Snapshot, VersionRecord } from '../records.ts'
import { readPrompts } from './catalog.ts'
import { commitChange, type Storage } from './committing.ts'
import { keyOf, text, textKey } from './keys.ts'
import { readPage, readSeededPage, versionsOf } from './pages.ts'
import {
  labelOf,
  labelsOf,
  nameKeys,
  type StoredVersion,
  snapshotOf,
  storedSnapshotOf,
  storedVersionOf,
} from './rows.ts'

/** Prompts in DynamoDB, with their texts in S3. */
export function createAwsPrompts(storage: Storage): PromptStore {
  return {
    snapshot: (id) => readSnapshot(storage, id),
    find: (id, query) => findVersions(storage, id, query),
    content: (id, version) => readText(storage, id, version),
    commit: (change) => commitChange(storage, change),
    page: (<K extends keyof PageQueries>(query: PageQueries[K] & { readonly of: K }) =>
      readAnyPage(storage, query)) as PromptStore['page'],
    async check() {
      await Promise.all([storage.table.get(keyOf.adopted), storage.texts.check()])
    },
  }
}

async function readSnapshot(storage: Storage, id: PromptId): Promise<Snapshot | undefined> {
  const { table, memory, seeded } = storage
  memory.forgetAbsent(id)
  const row = await table.get(keyOf.head(id))
  if (row !== undefined) {
    const stored = storedSnapshotOf(row)
    memory.keep(stored, text(row.record)?.length ?? 0)
    return snapshotOf(stored)
  }
  const prompt = await seeded.get(id)
  if (prompt !== undefined) {
    memory.keepSeeded(id)
    return snapshotOf(await seeded.snapshot(prompt))
  }
  memory.keepAbsent(id)
  return undefined
}

/** How the id is written, where the prompt has a head. One call at most, together with what else is asked for. */
async function writtenId({ memory, table }: Storage, id: PromptId): Promise<PromptId | undefined> {
  const known = memory.writtenId(id)
  if (known !== undefined) return known
  const row = await table.get(keyOf.head(id))
  return row && storedSnapshotOf(row).head.promptId
}

async function findVersions(storage: Storage, id: PromptId, query: VersionQuery): Promise<FoundVersions> {
  const { table, seeded, memory } = storage
  const shas = [...new Set([query.identity, query.contentSha256].filter((sha256) => sha256 !== undefined))]
  const [written, names, labels] = await Promise.all([
    writtenId(storage, id),
    Promise.all((query.names ?? []).map((key) => readName(storage, id, key))),
    Promise.all(shas.map(async (sha256) => labelsOf(await table.get(keyOf.sha(id, sha256))))),
  ])
  if (written === undefined) {
    const prompt = memory.isAbsent(id) ? undefined : await seeded.get(id)
    if (prompt !== undefined) return await seeded.find(prompt, query)
    return { byName: new Map(), sameIdentity: null, sameContent: [] }
  }
  const [byName, same] = await Promise.all([
    versionsByName(storage, written, names),
    versionsOf(storage, written, [...new Set(labels.flat())]),
  ])
  const ordered = same.sort((a, b) => a.order - b.order)
  return {
    byName,
    sameIdentity: ordered.find((version) => version.identity === query.identity) ?? null,
    sameContent: ordered.filter((version) => version.contentSha256 === query.contentSha256),
  }
}

interface FoundName {
  readonly key: string
  readonly label: string | undefined
  /** The version whose label is spelled like the key: most names are labels, and then it is the one. */
  readonly guess: StoredVersion | undefined
}

async function readName({ table }: Storage, id: PromptId, key: string): Promise<FoundName> {
  const [names, guess] = await Promise.all([
    Promise.all(nameKeys(id, key).map((at) => table.get(at))),
    table.get(keyOf.version(id, key)).then(storedVersionOf),
  ])
  const name = names.find((row) => row !== undefined)
  return { key, label: name && labelOf(name), guess }
}

async function versionsByName(
  storage: Storage,
  id: PromptId,
  names: readonly FoundName[],
): Promise<ReadonlyMap<string, VersionRecord>> {
  const found = names.map(async ({ key, label, guess }) => {
    if (label === undefined) return undefined
    if (guess?.version.label === label) {
      storage.memory.keepPlace(id, guess)
      return [key, guess.version] as const
    }
    const [version] = await versionsOf(storage, id, [label])
    return version && ([key, version] as const)
  })
  return new Map((await Promise.all(found)).filter((entry) => entry !== undefined))
}

async function readText(storage: Storage, id: PromptId, version: VersionRecord): Promise<string> {
  const { table, memory, texts } = storage
  const seen = texts.seen(version.contentSha256)
  if (seen !== undefined) return seen
  const known = memory.place(id, version.label)
  const s3Key = known ?? text((await table.get(keyOf.version(id, version.label)))?.s3_key)
  return await texts.get(s3Key ?? textKey(id, version.label), version.contentSha256)
}

async function readAnyPage(
  storage: Storage,
  query: PageQueries[keyof PageQueries],
): Promise<Page<PageItems[keyof PageItems]>> {
  if (query.of === 'prompts') return await readPrompts(storage, query)
  const written = await writtenId(storage, query.promptId)
  if (written !== undefined) return await readPage(storage, written, query)
  const prompt = await storage.seeded.get(query.promptId)
  return prompt === undefined ? { items: [], next: null } : await readSeededPage(storage, prompt, query)
}
