import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { EvidenceStore } from '../evidence-store.ts'
import type { PromptStore } from '../prompt-store.ts'
import type { ReadStore } from '../read-store.ts'
import type { SetStore } from '../set-store.ts'
import type { SourceStore } from '../source-store.ts'
import { openDatabase } from './database.ts'
import { createSqliteEvidence } from './evidence.ts'
import { createSqlitePrompts } from './prompts.ts'
import { createSqliteReads } from './reads.ts'
import { IS_SETTLING } from './schema.ts'
import { createSqliteSets } from './sets.ts'
import { createSqliteSources } from './sources.ts'
import { TROUBLE_BYTES, Writer, type WriterOptions } from './writer.ts'

export interface SqliteStoreOptions extends Partial<Omit<WriterOptions, 'trouble'>> {
  /** A path, created with its folder if missing, or `:memory:`. */
  readonly file: string
  /** Shared by the stores of several threads. */
  readonly trouble?: SharedArrayBuffer | undefined
}

export interface SqliteStore {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly sets: SetStore
  readonly evidence: EvidenceStore
  readonly reads: ReadStore
  /** A number that differs after every change of the file, by this process or another. */
  readonly changes: () => number
  /** The revision of a prompt, and whether its source is settling. Reads nothing else of them. */
  readonly stateOf: (id: string) => { readonly revision: number; readonly isSettling: boolean } | undefined
  close(): void
}

/** Both stores on one file. Several processes may open it. */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const database = openDatabase(options.file)
  const writer = new Writer(database, {
    now: options.now ?? performance.now.bind(performance),
    random: options.random ?? Math.random,
    patienceMs: options.patienceMs ?? 10_000,
    freeBytes: options.freeBytes ?? (() => freeBytesOf(options.file)),
    trouble: new Uint8Array(options.trouble ?? new SharedArrayBuffer(TROUBLE_BYTES)),
  })
  return {
    prompts: createSqlitePrompts(database, writer),
    sources: createSqliteSources(database, writer),
    sets: createSqliteSets(database, writer),
    evidence: createSqliteEvidence(database),
    reads: createSqliteReads(database, writer),
    changes: changeCounter(database, writer),
    stateOf: stateReader(database),
    close: () => database.close(),
  }
}

/** SQLite counts the commits of other connections in `data_version`, and not our own. */
function changeCounter(database: DatabaseSync, writer: Writer): () => number {
  const statement = database.prepare('PRAGMA data_version')
  statement.setReturnArrays(true)
  let counter = 0
  let known = [-1, -1]
  return () => {
    const [theirs] = statement.get() as unknown as [number]
    if (theirs !== known[0] || writer.transactions !== known[1]) {
      known = [theirs, writer.transactions]
      counter++
    }
    return counter
  }
}

function stateReader(database: DatabaseSync): SqliteStore['stateOf'] {
  const statement = database.prepare(
    `SELECT revision, EXISTS (
       SELECT 1 FROM set_pointers INDEXED BY settling_sources WHERE source = owner AND ${IS_SETTLING}
     ) FROM prompts WHERE id_key = ?`,
  )
  statement.setReturnArrays(true)
  return (id) => {
    const row = statement.get(promptIdKey(id)) as unknown as [number, number] | undefined
    return row && { revision: row[0], isSettling: row[1] === 1 }
  }
}

function freeBytesOf(file: string): number {
  if (file === ':memory:') return Number.POSITIVE_INFINITY
  const { bavail, bsize } = statfsSync(dirname(file))
  return bavail * bsize
}
