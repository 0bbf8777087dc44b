/**
 * The columns of the tables whose rows are read and written whole. A column that is added after the first release also
 * needs a migration in migrations.ts.
 */

export type Columns = Readonly<Record<string, 'TEXT' | 'TEXT NOT NULL' | 'INTEGER NOT NULL'>>

/** A row of a table with these columns, as SQLite returns it. */
export type RowOf<C extends Columns> = {
  -readonly [Name in keyof C]: C[Name] extends 'TEXT'
    ? string | null
    : C[Name] extends 'TEXT NOT NULL'
      ? string
      : number
}

/** The columns of `prompts`. */
export const PROMPT_COLUMNS = {
  /** `promptIdKey` of the id: ids with the same key are one prompt. */
  id_key: 'TEXT NOT NULL',
  id: 'TEXT NOT NULL',
  revision: 'INTEGER NOT NULL',
  stable: 'TEXT',
  stable_by: 'TEXT',
  /** The stable version that was revoked without a fallback. */
  withdrawn: 'TEXT',
  latest: 'TEXT',
  /** The status of the latest version, to list prompts by it. */
  latest_status: 'TEXT',
  latest_by: 'TEXT',
  owner: 'TEXT',
  hold: 'TEXT', // JSON
  rolled_back: 'TEXT NOT NULL', // JSON
  highest: 'TEXT', // JSON
  fences: 'TEXT NOT NULL', // JSON
  version_count: 'INTEGER NOT NULL',
  archived: 'INTEGER NOT NULL',
  retired: 'TEXT',
  deleted: 'TEXT', // JSON
  created_at: 'TEXT',
  updated_at: 'TEXT',
  moved_to: 'TEXT',
} as const satisfies Columns

/** The columns of `versions`. */
export const VERSION_COLUMNS = {
  /** The `id_key` of the prompt. */
  prompt: 'TEXT NOT NULL',
  label: 'TEXT NOT NULL',
  ordinal: 'INTEGER NOT NULL',
  status: 'TEXT NOT NULL',
  identity: 'TEXT NOT NULL',
  content_sha256: 'TEXT NOT NULL',
  payload_sha256: 'TEXT NOT NULL',
  file_sha256: 'TEXT',
  format: 'TEXT NOT NULL',
  additions: 'TEXT', // JSON
  variables: 'TEXT', // JSON
  config: 'TEXT', // JSON
  description: 'TEXT',
  tags: 'TEXT NOT NULL', // JSON
  aliases: 'TEXT NOT NULL', // JSON, newest first
  origin: 'TEXT', // JSON
  release: 'TEXT',
  waiting: 'TEXT NOT NULL', // JSON
  revoked_scope: 'TEXT',
  promoted_over: 'TEXT',
  created_at: 'TEXT',
  updated_at: 'TEXT',
  released_at: 'TEXT',
  template_language: 'TEXT',
  sidecars: 'TEXT', // JSON
  text_lost: 'TEXT', // JSON
  manifest: 'TEXT', // JSON
} as const satisfies Columns
