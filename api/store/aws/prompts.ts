import type { PromptId } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
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
import type { Storage } from './committing.ts'
import { readFeed } from './feed.ts'
import { readFile } from './folder-files.ts'
import { wholeSnapshot } from './head-versions.ts'
import { keyOf, text, textKey } from './keys.ts'
import { readPage, readSeededPage, versionsOf } from './pages.ts'
import type { StoredVersion } from './record-json.ts'
import { labelOf, labelsOf, nameKeys, snapshotOf, storedSnapshotOf, storedVersionOf } from './rows.ts'

/** Prompts in DynamoDB, with their content in S3. */
export function createAwsPrompts(storage: Storage): PromptStore {
  return {
    snapshot: (id) => readSnapshot(storage, id),
    find: (id, query) => findVersions(storage, id, query),
    content: (id, version) => readText(storage, id, version),
    async frontMatter(id, { version }) {
      return text((await storage.table.get(keyOf.frontMatter(id, version)))?.front_matter) ?? ''
    },
    file: (id, sha256) => readFile(storage, id, sha256),
    // Loaded on demand: a reader writes nothing.
    commit: async (change) => (await import('./on-demand.ts')).commitChange(storage, change),
    purge: async (id) => (await import('./on-demand.ts')).purgePrompt(storage, id),
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
    const stored = await wholeSnapshot(table, storedSnapshotOf(row))
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

/** The spelling of the id, if the prompt has a head. Needs at most one call, together with other reads. */
async function writtenId({ memory, table }: Storage, id: PromptId): Promise<PromptId | undefined> {
  const known = memory.writtenId(id)
  if (known !== undefined) return known
  const row = await table.get(keyOf.head(id))
  return row && storedSnapshotOf(row).head.promptId
}

async function findVersions(storage: Storage, id: PromptId, query: VersionQuery): Promise<FoundVersions> {
  const { table, seeded, memory } = storage
  const { names: keys = [], identities = [], contents = [] } = query
  if (memory.isAbsent(id)) return NOTHING
  const shas = [...new Set([...identities, ...contents])]
  const [written, names, labels] = await Promise.all([
    writtenId(storage, id),
    Promise.all(keys.map((key) => readName(storage, id, key))),
    Promise.all(shas.map(async (sha256) => labelsOf(await table.get(keyOf.sha(id, sha256))))),
  ])
  if (written === undefined) {
    const prompt = await seeded.get(id)
    return prompt === undefined ? NOTHING : await seeded.find(prompt, query)
  }
  const [byName, same] = await Promise.all([
    versionsByName(storage, written, names),
    versionsOf(storage, written, [...new Set(labels.flat())]),
  ])
  const ordered = same.sort((a, b) => a.order - b.order)
  const first = new Map([...ordered].reverse().map((version) => [version.identity, version]))
  return {
    byName,
    byIdentity: new Map([...first].filter(([identity]) => identities.includes(identity))),
    sameContent: ordered.filter((version) => contents.includes(version.contentSha256)),
  }
}

const NOTHING: FoundVersions = { byName: new Map(), byIdentity: new Map(), sameContent: [] }

interface FoundName {
  readonly key: string
  readonly version: VersionName | undefined
  /** The version with a label equal to the key. Usually right, because most names are labels. */
  readonly guess: StoredVersion | undefined
  /** Whether another program wrote a row with that label. */
  readonly stray: boolean
}

async function readName({ table }: Storage, id: PromptId, key: string): Promise<FoundName> {
  const [names, row] = await Promise.all([
    Promise.all(nameKeys(id, key).map((at) => table.get(at))),
    table.get(keyOf.version(id, key)),
  ])
  const name = names.find((found) => found !== undefined)
  const stray = row !== undefined && row.record === undefined
  return { key, version: name && labelOf(name), guess: storedVersionOf(row), stray }
}

async function versionsByName(
  storage: Storage,
  id: PromptId,
  names: readonly FoundName[],
): Promise<ReadonlyMap<string, VersionRecord>> {
  const found = names.map(async ({ key, version, guess, stray }) => {
    if (version === undefined) return stray ? await strayNamed(storage, id, key) : undefined
    if (guess !== undefined && guess.record.version === version) {
      storage.memory.keepPlace(id, guess)
      return [key, guess.record] as const
    }
    const [record] = await versionsOf(storage, id, [version])
    return record && ([key, record] as const)
  })
  return new Map((await Promise.all(found)).filter((entry) => entry !== undefined))
}

async function strayNamed({ seeded }: Storage, id: PromptId, version: string) {
  const stray = await seeded.stray(id, version)
  if (stray === undefined) return undefined
  const [record] = await seeded.records(id, [stray])
  return record && ([version, record] as const)
}

async function readText(storage: Storage, id: PromptId, version: VersionRecord): Promise<string> {
  const { table, memory, texts } = storage
  const seen = texts.seen(version.contentSha256)
  if (seen !== undefined) return seen
  const known = memory.place(id, version.version)
  // An empty key would list the bucket.
  const s3Key = known ?? text((await table.get(keyOf.version(id, version.version)))?.s3_key)
  return await texts.get(s3Key || textKey(id, version.version), version.contentSha256)
}

async function readAnyPage(
  storage: Storage,
  query: PageQueries[keyof PageQueries],
): Promise<Page<PageItems[keyof PageItems]>> {
  // A row has all its data in one attribute, so a summary costs as much as a listing.
  if (query.of === 'prompts' || query.of === 'summaries')
    return await readPrompts(storage, { ...query, of: 'prompts' })
  if (query.of === 'feed') return await readFeed(storage.table, query, storage.now())
  const written = await writtenId(storage, query.promptId)
  if (written !== undefined) return await readPage(storage, written, query)
  const prompt = await storage.seeded.get(query.promptId)
  return prompt === undefined ? { items: [], next: null } : await readSeededPage(storage, prompt, query)
}
