import type { DatabaseSync } from 'node:sqlite'
import { RegistryError } from '../../contract/errors.ts'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { Status } from '../../contract/version.ts'
import type { AtomicChange } from '../atomic-change.ts'
import type { FoundVersions, PageQueries, PromptStore, VersionQuery } from '../prompt-store.ts'
import type { Snapshot } from '../records.ts'
import { releaseKey } from '../release-key.ts'
import { atOneMoment } from './database.ts'
import { putEvidence } from './evidence.ts'
import { reading } from './failures.ts'
import { readPage } from './pages.ts'
import {
  headOf,
  headValues,
  type StoredPromptRow,
  type StoredVersionRow,
  versionOf,
  versionValues,
} from './rows.ts'
import { isCurrent, prepareSetStatements, putPointer, type SetStatements } from './sets.ts'
import { prepareStatements, type Statements } from './statements.ts'
import type { Writer } from './writer.ts'

/** Prompts in SQLite. */
export function createSqlitePrompts(database: DatabaseSync, writer: Writer): PromptStore {
  const statements = { ...prepareStatements(database), ofSets: prepareSetStatements(database) }
  const readSomething = reading(() => void statements.head.get(''))
  return {
    snapshot: reading((id) => atOneMoment(database, () => readSnapshot(statements, promptIdKey(id)))),
    find: reading((id, query) =>
      atOneMoment(database, () => findVersions(statements, promptIdKey(id), query)),
    ),
    content: reading((_id, version) => {
      const content = statements.content.get(version.contentSha256)?.content
      if (typeof content === 'string') return content
      throw new RegistryError(
        'text_missing',
        `The content of version ${version.version} is missing from the database; restore it from a backup.`,
      )
    }),
    frontMatter: reading((id, version) => {
      const row = statements.frontMatter.get(promptIdKey(id), version.version)
      return typeof row?.front_matter === 'string' ? row.front_matter : ''
    }),
    file: reading((id, sha256) => {
      const text = statements.file.get(promptIdKey(id), sha256)?.text
      if (typeof text === 'string') return text
      throw new RegistryError(
        'text_missing',
        `The file ${sha256.slice(0, 12)} of "${id}" is missing from the database; restore it from a backup.`,
      )
    }),
    commit: (change) => writer.write(() => writeChange(statements, change)),
    purge: (id) => writer.write(() => purge(statements, promptIdKey(id))),
    page: reading(<K extends keyof PageQueries>(query: PageQueries[K] & { readonly of: K }) =>
      readPage<K>(statements, query),
    ) as PromptStore['page'],
    async check() {
      await readSomething()
      await writer.check()
    },
  }
}

function readSnapshot(statements: Statements, key: string): Snapshot | undefined {
  const found = statements.head.get(key) as StoredPromptRow | undefined
  if (found === undefined) return undefined
  const head = headOf(found)
  const read = (version: string | null) => {
    const row = version === null ? undefined : statements.version.get(key, version)
    return row === undefined ? null : versionOf(row as unknown as StoredVersionRow)
  }
  const stable = read(head.stable)
  return { head, stable, latest: head.latest === head.stable ? stable : read(head.latest) }
}

function findVersions(statements: Statements, key: string, query: VersionQuery): FoundVersions {
  const { names = [], identities = [], contents = [] } = query
  const collect = (keys: readonly string[], statement: Statements['byName']) =>
    new Map(
      keys.flatMap((one) => {
        const row = statement.get(key, one)
        return row === undefined ? [] : [[one, versionOf(row as StoredVersionRow)] as const]
      }),
    )
  const same = contents.flatMap(
    (sha256) => statements.byContent.all(key, sha256) as unknown as StoredVersionRow[],
  )
  return {
    byName: collect(names, statements.byName),
    byIdentity: collect(identities, statements.byIdentity),
    sameContent: same.map(versionOf),
  }
}

function writeChange(
  statements: Statements & { readonly ofSets: SetStatements },
  change: AtomicChange,
): boolean {
  const { pointers = [] } = change
  if (!pointers.every((pointer) => isCurrent(statements.ofSets, pointer))) return false
  const key = promptIdKey(change.promptId)
  const head = headValues(key, change.head, latestStatus(statements, key, change))
  const { changes } =
    change.expectedRevision === 0
      ? statements.insertHead.run(head)
      : statements.updateHead.run({ ...head, expected: change.expectedRevision })
  if (changes === 0) return false
  const { content } = change
  if (content !== null) {
    statements.putContent.run(content.sha256, content.text)
    if (content.frontMatter) statements.putFrontMatter.run(key, content.version, content.frontMatter)
    for (const { sha256, text } of content.files ?? []) statements.putFile.run(key, sha256, text)
  }
  // The demoted version first, because the database never allows two stable versions.
  const ordered = [...change.versions].sort(
    (a, b) => Number(a.status === 'stable') - Number(b.status === 'stable'),
  )
  for (const version of ordered) statements.putVersion.run(versionValues(key, version))
  for (const name of change.names) {
    const sortKey = name.release === null ? null : releaseKey(name.release)
    const { changes } = statements.insertName.run(
      key,
      name.key,
      name.name,
      name.version,
      name.identity,
      name.release,
      sortKey,
    )
    if (changes === 0) throw new Error(`the name ${name.name} of ${change.promptId} is taken`)
  }
  if (change.evidence !== undefined) putEvidence(statements, key, change.evidence)
  for (const event of change.events) statements.insertEvent.run(key, event.sequence, JSON.stringify(event))
  for (const { pointer } of pointers) putPointer(statements.ofSets, pointer)
  return true
}

function latestStatus(statements: Statements, key: string, { head, versions }: AtomicChange): Status | null {
  if (head.latest === null) return null
  const changed = versions.find(({ version }) => version === head.latest)
  return changed?.status ?? ((statements.status.get(key, head.latest)?.status ?? null) as Status | null)
}

function purge(statements: Statements, key: string): void {
  const row = statements.head.get(key) as StoredPromptRow | undefined
  if (row == null || row.deleted === null) return
  const contents = statements.contentsOf.all(key) as unknown as { content_sha256: string }[]
  statements.purgeFrontMatters.run(key)
  statements.purgeFiles.run(key)
  statements.purgeEvidence.run(key)
  statements.purgeNames.run({ prompt: key })
  statements.purgeVersions.run(key)
  for (const { content_sha256: sha256 } of contents) statements.purgeContent.run({ sha256 })
}
