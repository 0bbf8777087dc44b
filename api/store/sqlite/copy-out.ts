import { DatabaseSync } from 'node:sqlite'
import type { LedgerEntry } from '../../contract/registry-api.ts'
import type { ReleaseSet } from '../../contract/release-set.ts'
import type { PromptCopy, RegistryReader, SetsCopy, SourceCopy } from '../copy.ts'
import type { PromptEvent } from '../records.ts'
import type { SetMove, SetPointer } from '../set-records.ts'
import type { SourceRecord, StoredFinding } from '../source-records.ts'
import {
  headOf,
  type NameRow,
  nameOf,
  type StoredPromptRow,
  type StoredVersionRow,
  versionOf,
} from './rows.ts'
import { type SetRow, storedSetOf } from './sets.ts'

/** Reads a whole registry from a file that nobody writes, such as the one of a backup. Close it at the end. */
export function openFileReader(file: string): RegistryReader & { close(): void } {
  const database = new DatabaseSync(file, { readOnly: true, enableForeignKeyConstraints: false })
  const prepare = (sql: string) => database.prepare(sql)
  return {
    leftOut: [],
    async *sources() {
      for (const { record } of prepare('SELECT record FROM sources ORDER BY name').iterate())
        yield sourceOf(database, JSON.parse(String(record)) as SourceRecord)
    },
    async *prompts() {
      const read = promptReader(database)
      for (const row of prepare('SELECT * FROM prompts ORDER BY id_key').iterate())
        yield read(row as unknown as StoredPromptRow)
    },
    async *events() {
      for (const { event } of prepare('SELECT event FROM events ORDER BY position').iterate())
        yield JSON.parse(String(event)) as PromptEvent
    },
    close: () => database.close(),
  }
}

function sourceOf(database: DatabaseSync, record: SourceRecord): SourceCopy {
  const ledger = database
    .prepare('SELECT tag, commit_id AS "commit" FROM ledger WHERE source = ? ORDER BY position')
    .all(record.name) as unknown as LedgerEntry[]
  const findings = database
    .prepare('SELECT finding FROM findings WHERE source = ? ORDER BY code, kind, subject')
    .all(record.name)
    .map(({ finding }) => JSON.parse(String(finding)) as StoredFinding)
  return { record, ledger, findings, sets: setsOf(database, record.name) }
}

function setsOf(database: DatabaseSync, source: string): SetsCopy {
  const all = (sql: string) => database.prepare(sql).all(source)
  const one = (sql: string, key: string) => parsed(Object.values(database.prepare(sql).get(key) ?? {})[0])
  return {
    pointer: one('SELECT pointer FROM set_pointers WHERE source = ?', source) as SetPointer | null,
    moves: all('SELECT move FROM set_moves WHERE source = ? ORDER BY sequence DESC').map(
      ({ move }) => parsed(move) as SetMove,
    ),
    stored: all('SELECT digest, source, used_at, kept FROM sets WHERE source = ? ORDER BY digest').map(
      (row) => storedSetOf(row as unknown as SetRow),
    ),
    set: async (digest) => one('SELECT text FROM sets WHERE digest = ?', digest) as ReleaseSet | null,
    proof: async (digest) => {
      const found = database.prepare('SELECT text FROM set_proofs WHERE digest = ?').get(digest)
      return found === undefined ? null : String(found.text)
    },
  }
}

function parsed(json: unknown): unknown {
  return json === undefined ? null : JSON.parse(String(json))
}

function promptReader(database: DatabaseSync): (row: StoredPromptRow) => PromptCopy {
  const versions = database.prepare('SELECT * FROM versions WHERE prompt = ? ORDER BY ordinal')
  const names = database.prepare('SELECT * FROM names WHERE prompt = ? ORDER BY key')
  const content = database.prepare('SELECT content FROM contents WHERE sha256 = ?')
  const front = database.prepare('SELECT front_matter FROM front_matters WHERE prompt = ? AND label = ?')
  const file = database.prepare('SELECT text FROM files WHERE prompt = ? AND sha256 = ?')
  return (row) => ({
    head: headOf(row),
    versions: (versions.all(row.id_key) as unknown as StoredVersionRow[]).map(versionOf),
    names: (names.all(row.id_key) as unknown as NameRow[]).map(nameOf),
    async text({ version, contentSha256 }) {
      const found = content.get(contentSha256)?.content
      const frontMatter = front.get(row.id_key, version)?.front_matter
      return { content: found === undefined ? null : String(found), frontMatter: String(frontMatter ?? '') }
    },
    async file(sha256) {
      const found = file.get(row.id_key, sha256)?.text
      return found === undefined ? null : String(found)
    },
  })
}
