import type { DatabaseSync } from 'node:sqlite'
import { RegistryError } from '../../contract/errors.ts'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { FoundVersions, PageQueries, PromptStore } from '../prompt-store.ts'
import type { Change, Snapshot, VersionRecord } from '../records.ts'
import { releaseKey } from '../release-key.ts'
import { atOneMoment } from './database.ts'
import { storeFailure } from './failures.ts'
import { readPage } from './pages.ts'
import { headOf, headValues, type PromptRow, type VersionRow, versionOf, versionValues } from './rows.ts'
import { prepareStatements, type Statements } from './statements.ts'
import type { Writer } from './writer.ts'

/** Prompts in SQLite. */
export function createSqlitePrompts(database: DatabaseSync, writer: Writer): PromptStore {
  const statements = prepareStatements(database)
  return {
    snapshot: reading((id) => atOneMoment(database, () => readSnapshot(statements, promptIdKey(id)))),
    find: reading((id, query) =>
      atOneMoment(database, () => {
        const key = promptIdKey(id)
        const version = (row: unknown) => (row === undefined ? null : versionOf(row as VersionRow))
        const byName = (query.names ?? []).map(
          (name) => [name, version(statements.byName.get(key, name))] as const,
        )
        const { identity, contentSha256 } = query
        return {
          byName: new Map(byName.filter((found): found is [string, VersionRecord] => found[1] !== null)),
          sameIdentity: identity === undefined ? null : version(statements.byIdentity.get(key, identity)),
          sameContent:
            contentSha256 === undefined
              ? []
              : (statements.byContent.all(key, contentSha256) as unknown as VersionRow[]).map(versionOf),
        } satisfies FoundVersions
      }),
    ),
    content: reading((_id, version) => {
      const content = statements.content.get(version.contentSha256)?.content
      if (typeof content === 'string') return content
      throw new RegistryError(
        'unavailable',
        `The text of version ${version.label} is missing from the database; restore it from a backup.`,
      )
    }),
    commit: (change) => writer.write(() => writeChange(statements, change)),
    page: reading(<K extends keyof PageQueries>(query: PageQueries[K] & { readonly of: K }) =>
      readPage<K>(statements, query),
    ) as PromptStore['page'],
    check: reading(() => void database.prepare('SELECT 1').get()),
  }
}

/** Runs a synchronous read as the port's promise, its failures told in the port's terms. */
function reading<A extends unknown[], T>(read: (...args: A) => T): (...args: A) => Promise<T> {
  return async (...args) => {
    try {
      return read(...args)
    } catch (error) {
      throw storeFailure(error)
    }
  }
}

function readSnapshot(statements: Statements, key: string): Snapshot | undefined {
  const found = statements.head.get(key) as PromptRow | undefined
  if (found === undefined) return undefined
  const head = headOf(found)
  const read = (label: string | null) => {
    const version = label === null ? undefined : statements.version.get(key, label)
    return version === undefined ? null : versionOf(version as unknown as VersionRow)
  }
  const stable = read(head.stable)
  return { head, stable, latest: head.latest === head.stable ? stable : read(head.latest) }
}

function writeChange(statements: Statements, change: Change): boolean {
  const key = promptIdKey(change.promptId)
  const head = headValues(key, change.head)
  const { changes } =
    change.expectedRevision === 0
      ? statements.insertHead.run(head)
      : statements.updateHead.run({ ...head, expected: change.expectedRevision })
  if (changes === 0) return false
  if (change.content !== null) statements.putContent.run(change.content.sha256, change.content.text)
  // The one that stops being stable first: the database allows no second one, not even in between.
  const ordered = [...change.versions].sort(
    (a, b) => Number(a.status === 'stable') - Number(b.status === 'stable'),
  )
  for (const version of ordered) statements.putVersion.run(versionValues(key, version))
  for (const name of change.names) {
    const sortKey = name.release === null ? null : releaseKey(name.release)
    statements.insertName.run(key, name.key, name.name, name.label, name.release, sortKey)
  }
  for (const event of change.events) statements.insertEvent.run(key, event.sequence, JSON.stringify(event))
  return true
}
