import { type Columns, PROMPT_COLUMNS, VERSION_COLUMNS } from './columns.ts'

/**
 * The schema of a new database: one file, several processes. Times are ISO 8601 text for people; counters keep the
 * order. A change after the first release also needs a migration in migrations.ts.
 */

const definitions = (columns: Columns) =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(',\n  ')

export const PROMPTS_BY_STATUS = `
CREATE INDEX prompts_by_status ON prompts (latest_status, id);
CREATE INDEX prompts_with_stable ON prompts (id) WHERE stable IS NOT NULL;
`

export const FILES = `
-- The manifests and text files of skill folders, by digest. Kept by prompt, so that a purge need not count uses.
CREATE TABLE files (
  prompt TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  text   TEXT NOT NULL,
  PRIMARY KEY (prompt, sha256)
) WITHOUT ROWID, STRICT;
`

/** In order: without the ordinal, SQLite reads all versions of the prompt (2 ms of 5,000) to find the first. */
export const VERSIONS_BY_IDENTITY =
  'CREATE INDEX versions_by_identity ON versions (prompt, identity, ordinal);'

export const SETS = `
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

export const PROOFS = `
CREATE TABLE set_proofs (
  digest TEXT PRIMARY KEY,
  text   TEXT NOT NULL              -- JSON
) WITHOUT ROWID, STRICT;
`

export const EVIDENCE = `
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

export const READS = `
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

/** Each kept response looks here; hardly ever is a source in it. */
export const SETTLING_SOURCES = `
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

${SETS}
${PROOFS}
${EVIDENCE}
${READS}
${SETTLING_SOURCES}
`
