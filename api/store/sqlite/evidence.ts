import type { DatabaseSync } from 'node:sqlite'
import { promptIdKey } from '../../contract/prompt-id.ts'
import type { EvidenceStore } from '../evidence-store.ts'
import type { StoredEvidence } from '../records.ts'
import { reading } from './failures.ts'
import { position } from './pages.ts'
import type { Statements } from './statements.ts'

/** Statements in SQLite. */
export function createSqliteEvidence(database: DatabaseSync): EvidenceStore {
  const has = database.prepare('SELECT 1 FROM evidence WHERE prompt = ? AND sha256 = ?')
  const page = database.prepare(
    `SELECT * FROM evidence WHERE prompt = :prompt AND position < :before
       AND (:about IS NULL OR identity IN (SELECT value FROM json_each(:about))
         OR payload_sha256 IN (SELECT value FROM json_each(:about)))
     ORDER BY position DESC LIMIT :limit`,
  )
  return {
    page: reading(({ promptId, about, limit, cursor }) => {
      const rows = page.all({
        prompt: promptIdKey(promptId),
        before: cursor === undefined ? Number.MAX_SAFE_INTEGER : position(cursor),
        about: about === undefined ? null : JSON.stringify(about),
        limit: limit + 1,
      }) as unknown as EvidenceRow[]
      const shown = rows.slice(0, limit)
      const next = rows.length > limit ? String(shown.at(-1)?.position) : null
      return { items: shown.map(evidenceOf), next }
    }),
    has: reading((id, sha256) => has.get(promptIdKey(id), sha256) !== undefined),
  }
}

export interface EvidenceRow {
  readonly position: number
  readonly sha256: string
  readonly identity: string
  readonly payload_sha256: string | null
  readonly envelope: string
  readonly actor: string
  readonly at: string
}

export function evidenceOf(row: EvidenceRow): StoredEvidence {
  const { sha256, identity, payload_sha256: payloadSha256, envelope, actor, at } = row
  return { sha256, identity, payloadSha256, envelope, actor, at }
}

export function putEvidence(
  { insertEvidence }: Pick<Statements, 'insertEvidence'>,
  key: string,
  { sha256, identity, payloadSha256, envelope, actor, at }: StoredEvidence,
): void {
  insertEvidence.run(key, sha256, identity, payloadSha256, envelope, actor, at)
}
