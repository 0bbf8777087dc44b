-- The embedded store: one file, several processes. Times are ISO 8601 text for people; order is kept in counters.

CREATE TABLE prompts (
  id_key        TEXT PRIMARY KEY,   -- the id in lower case: ids that differ only by case are one prompt
  id            TEXT NOT NULL UNIQUE,
  revision      INTEGER NOT NULL,
  stable        TEXT,
  withdrawn     TEXT,               -- was stable until it was revoked with nothing to go back to
  latest        TEXT,
  owner         TEXT,
  hold          TEXT,               -- JSON
  highest       TEXT,               -- JSON
  fences        TEXT NOT NULL,      -- JSON
  version_count INTEGER NOT NULL,
  archived      INTEGER NOT NULL DEFAULT 0,
  retired       TEXT,
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE INDEX prompts_by_owner ON prompts (owner, id);

CREATE TABLE versions (
  prompt         TEXT NOT NULL,     -- prompts.id_key
  label          TEXT NOT NULL,
  ordinal        INTEGER NOT NULL,
  status         TEXT NOT NULL,
  identity       TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  variables      TEXT,              -- JSON
  config         TEXT,              -- JSON
  description    TEXT,
  tags           TEXT NOT NULL,     -- JSON
  aliases        TEXT NOT NULL,     -- JSON, the newest first
  origin         TEXT,              -- JSON
  release        TEXT,
  promoted_over  TEXT,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  released_at    TEXT,
  PRIMARY KEY (prompt, label)
) WITHOUT ROWID, STRICT;

CREATE UNIQUE INDEX versions_by_order ON versions (prompt, ordinal);
CREATE INDEX versions_by_identity ON versions (prompt, identity);
CREATE INDEX versions_by_content ON versions (prompt, content_sha256);
-- The rule that matters most, kept by the database as well.
CREATE UNIQUE INDEX one_stable ON versions (prompt) WHERE status = 'stable';

CREATE TABLE contents (
  sha256  TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT;

CREATE TABLE names (
  prompt      TEXT NOT NULL,
  key         TEXT NOT NULL,
  name        TEXT NOT NULL,
  label       TEXT NOT NULL,
  release     TEXT,
  release_key TEXT,                 -- sorts as releases do
  PRIMARY KEY (prompt, key)
) WITHOUT ROWID, STRICT;

CREATE INDEX names_by_release ON names (prompt, release_key) WHERE release_key IS NOT NULL;

CREATE TABLE events (
  prompt   TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  event    TEXT NOT NULL,           -- JSON
  PRIMARY KEY (prompt, sequence)
) WITHOUT ROWID, STRICT;

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
