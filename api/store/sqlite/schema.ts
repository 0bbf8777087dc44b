/**
 * The schema of the embedded store: one file, several processes. Times are ISO 8601 text for people; counters keep
 * the order. A column that is added here after the first release also needs a migration in database.ts.
 */

type Columns = Readonly<Record<string, 'TEXT' | 'TEXT NOT NULL' | 'INTEGER NOT NULL'>>

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

const definitions = (columns: Columns) =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(',\n  ')

const PROMPTS_BY_STATUS = `
CREATE INDEX prompts_by_status ON prompts (latest_status, id);
CREATE INDEX prompts_with_stable ON prompts (id) WHERE stable IS NOT NULL;
`

/** From schema 3 to 4. */
export const ADD_LATEST_STATUS = `
ALTER TABLE prompts ADD COLUMN latest_status TEXT;
UPDATE prompts SET latest_status =
  (SELECT status FROM versions WHERE prompt = prompts.id_key AND label = prompts.latest);
${PROMPTS_BY_STATUS}
`

const FILES = `
-- The manifests and text files of skill folders, by digest. Kept by prompt, so that a purge need not count uses.
CREATE TABLE files (
  prompt TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  text   TEXT NOT NULL,
  PRIMARY KEY (prompt, sha256)
) WITHOUT ROWID, STRICT;
`

/** In order: without the ordinal, SQLite reads all versions of the prompt (2 ms of 5,000) to find the first. */
const VERSIONS_BY_IDENTITY = 'CREATE INDEX versions_by_identity ON versions (prompt, identity, ordinal);'

/** The migration after that of the sets. */
export const ORDER_IDENTITIES = `
DROP INDEX versions_by_identity;
${VERSIONS_BY_IDENTITY}
`

/** From schema 8 to 9. */
export const ADD_FILES = `
ALTER TABLE versions ADD COLUMN manifest TEXT;
${FILES}
`

/** From schema 7 to 8. */
export const ADD_SETS = `
CREATE TABLE sets (
  digest  TEXT PRIMARY KEY,
  source  TEXT NOT NULL,
  text    TEXT NOT NULL,            -- canonical JSON
  used_at INTEGER NOT NULL,         -- milliseconds since the epoch
  kept    INTEGER NOT NULL
) STRICT;

CREATE INDEX sets_by_source ON sets (source, digest);

-- The last move of each source, with what holds until the next one.
CREATE TABLE set_pointers (
  source   TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  pointer  TEXT NOT NULL            -- JSON
) WITHOUT ROWID, STRICT;

CREATE TABLE set_moves (
  source   TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  move     TEXT NOT NULL,           -- JSON
  PRIMARY KEY (source, sequence)
) WITHOUT ROWID, STRICT;
`

/** The migration after that of the sets. */
export const ADD_PROOFS = `
CREATE TABLE set_proofs (
  digest TEXT PRIMARY KEY,
  text   TEXT NOT NULL              -- JSON
) WITHOUT ROWID, STRICT;
`

/** From schema 12 to 13. */
export const ADD_EVIDENCE = `
-- Statements that were posted. The position orders them.
CREATE TABLE evidence (
  position       INTEGER PRIMARY KEY AUTOINCREMENT,
  prompt         TEXT NOT NULL,
  sha256         TEXT NOT NULL,
  identity       TEXT NOT NULL,
  payload_sha256 TEXT,
  envelope       TEXT NOT NULL,     -- JSON
  actor          TEXT NOT NULL,
  at             TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX evidence_once ON evidence (prompt, sha256);
CREATE INDEX evidence_of_prompt ON evidence (prompt, position);
`

/** From schema 13 to 14. */
export const ADD_READS = `
CREATE TABLE reads (
  prompt      TEXT NOT NULL,
  day         TEXT NOT NULL,
  application TEXT NOT NULL,
  version     TEXT NOT NULL,
  reads       INTEGER NOT NULL,
  PRIMARY KEY (prompt, day, application, version)
) WITHOUT ROWID, STRICT;

CREATE INDEX reads_by_day ON reads (day);
`

/** Of a row in `set_pointers`. */
export const IS_SETTLING = "json_extract(pointer, '$.settling')"

/** From schema 14 to 15. Each kept response looks here; hardly ever is a source in it. */
export const ADD_SETTLING = `
CREATE INDEX settling_sources ON set_pointers (source) WHERE ${IS_SETTLING};
`

export const SCHEMA = `
CREATE TABLE prompts (
  ${definitions(PROMPT_COLUMNS)},
  PRIMARY KEY (id_key),
  UNIQUE (id)
) WITHOUT ROWID, STRICT;

CREATE INDEX prompts_by_owner ON prompts (owner, id);
${PROMPTS_BY_STATUS}

CREATE TABLE versions (
  ${definitions(VERSION_COLUMNS)},
  PRIMARY KEY (prompt, label)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX versions_by_order ON versions (prompt, ordinal);
${VERSIONS_BY_IDENTITY}
CREATE INDEX versions_by_content ON versions (content_sha256, prompt, ordinal);
-- The most important rule, also enforced by the database.
CREATE UNIQUE INDEX one_stable ON versions (prompt) WHERE status = 'stable';

CREATE TABLE contents (
  sha256  TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT;

-- The text before the content of a file. Files without it have no row.
CREATE TABLE front_matters (
  prompt       TEXT NOT NULL,
  label        TEXT NOT NULL,
  front_matter TEXT NOT NULL,
  PRIMARY KEY (prompt, label)
) WITHOUT ROWID, STRICT;

${FILES}
CREATE TABLE names (
  prompt      TEXT NOT NULL,
  key         TEXT NOT NULL,
  name        TEXT NOT NULL,
  label       TEXT NOT NULL,
  identity    TEXT NOT NULL,
  release     TEXT,
  release_key TEXT,                 -- sorts as releases do
  PRIMARY KEY (prompt, key)
) WITHOUT ROWID, STRICT;

CREATE INDEX names_by_release ON names (prompt, release_key) WHERE release_key IS NOT NULL;

-- The position orders the events of all prompts in the feed.
CREATE TABLE events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  prompt   TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  event    TEXT NOT NULL            -- JSON
) STRICT;

CREATE UNIQUE INDEX events_of_prompt ON events (prompt, sequence);

CREATE TABLE sources (
  name    TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  record  TEXT NOT NULL             -- JSON
) WITHOUT ROWID, STRICT;

CREATE TABLE ledger (
  source    TEXT NOT NULL,
  position  INTEGER NOT NULL,
  tag       TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  PRIMARY KEY (source, position)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX ledger_by_tag ON ledger (source, tag);

CREATE TABLE findings (
  source  TEXT NOT NULL,
  code    TEXT NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  finding TEXT NOT NULL,            -- JSON
  PRIMARY KEY (source, code, kind, subject)
) WITHOUT ROWID, STRICT;

${ADD_SETS}
${ADD_PROOFS}
${ADD_EVIDENCE}
${ADD_READS}
${ADD_SETTLING}
`
