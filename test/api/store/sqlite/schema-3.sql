-- The schema of the first release, number 3.
CREATE TABLE prompts (
  id_key TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  stable TEXT,
  stable_by TEXT,
  withdrawn TEXT,
  latest TEXT,
  latest_by TEXT,
  owner TEXT,
  hold TEXT,
  rolled_back TEXT NOT NULL,
  highest TEXT,
  fences TEXT NOT NULL,
  version_count INTEGER NOT NULL,
  archived INTEGER NOT NULL,
  retired TEXT,
  deleted TEXT,
  created_at TEXT,
  updated_at TEXT,
  PRIMARY KEY (id_key),
  UNIQUE (id)
) WITHOUT ROWID, STRICT;

CREATE INDEX prompts_by_owner ON prompts (owner, id);

CREATE TABLE versions (
  prompt TEXT NOT NULL,
  label TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  status TEXT NOT NULL,
  identity TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  payload_sha256 TEXT NOT NULL,
  file_sha256 TEXT,
  format TEXT NOT NULL,
  additions TEXT,
  variables TEXT,
  config TEXT,
  description TEXT,
  tags TEXT NOT NULL,
  aliases TEXT NOT NULL,
  origin TEXT,
  release TEXT,
  waiting TEXT NOT NULL,
  revoked_scope TEXT,
  promoted_over TEXT,
  created_at TEXT,
  updated_at TEXT,
  released_at TEXT,
  PRIMARY KEY (prompt, label)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX versions_by_order ON versions (prompt, ordinal);
CREATE INDEX versions_by_identity ON versions (prompt, identity);
CREATE INDEX versions_by_content ON versions (content_sha256, prompt, ordinal);
CREATE UNIQUE INDEX one_stable ON versions (prompt) WHERE status = 'stable';

CREATE TABLE contents (
  sha256  TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT;

CREATE TABLE front_matters (
  prompt       TEXT NOT NULL,
  label        TEXT NOT NULL,
  front_matter TEXT NOT NULL,
  PRIMARY KEY (prompt, label)
) WITHOUT ROWID, STRICT;

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
