import type { DatabaseSync } from 'node:sqlite'

const HEAD = [
  'id_key',
  'id',
  'revision',
  'stable',
  'withdrawn',
  'latest',
  'owner',
  'hold',
  'highest',
  'fences',
  'version_count',
  'archived',
  'retired',
  'created_at',
  'updated_at',
]
const VERSION = [
  'prompt',
  'label',
  'ordinal',
  'status',
  'identity',
  'content_sha256',
  'variables',
  'config',
  'description',
  'tags',
  'aliases',
  'origin',
  'release',
  'promoted_over',
  'created_at',
  'updated_at',
  'released_at',
]
const VERSION_KEY = ['prompt', 'label']

const values = (columns: readonly string[]) => columns.map((column) => `:${column}`).join(', ')
const assignments = (columns: readonly string[], skip: readonly string[]) =>
  columns
    .filter((column) => !skip.includes(column))
    .map((column) => `${column} = :${column}`)
    .join(', ')

/** Every statement of the prompt store, prepared once: preparing costs five times what running does. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql)
  return {
    head: prepare('SELECT * FROM prompts WHERE id_key = ?'),
    version: prepare('SELECT * FROM versions WHERE prompt = ? AND label = ?'),
    byName: prepare(
      'SELECT v.* FROM names n JOIN versions v ON v.prompt = n.prompt AND v.label = n.label WHERE n.prompt = ? AND n.key = ?',
    ),
    byIdentity: prepare('SELECT * FROM versions WHERE prompt = ? AND identity = ? ORDER BY ordinal LIMIT 1'),
    byContent: prepare('SELECT * FROM versions WHERE prompt = ? AND content_sha256 = ? ORDER BY ordinal'),
    content: prepare('SELECT content FROM contents WHERE sha256 = ?'),

    insertHead: prepare(
      `INSERT INTO prompts (${HEAD.join(', ')}) VALUES (${values(HEAD)}) ON CONFLICT DO NOTHING`,
    ),
    updateHead: prepare(
      `UPDATE prompts SET ${assignments(HEAD, ['id_key'])} WHERE id_key = :id_key AND revision = :expected`,
    ),
    putVersion: prepare(
      `INSERT INTO versions (${VERSION.join(', ')}) VALUES (${values(VERSION)})
       ON CONFLICT (prompt, label) DO UPDATE SET ${assignments(VERSION, VERSION_KEY)}`,
    ),
    putContent: prepare('INSERT INTO contents (sha256, content) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    insertName: prepare(
      'INSERT INTO names (prompt, key, name, label, release, release_key) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    insertEvent: prepare('INSERT INTO events (prompt, sequence, event) VALUES (?, ?, ?)'),

    versionsPage: prepare(
      'SELECT * FROM versions WHERE prompt = ? AND ordinal < ? ORDER BY ordinal DESC LIMIT ?',
    ),
    eventsPage: prepare(
      'SELECT * FROM events WHERE prompt = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
    ),
    releasesPage: prepare(
      `SELECT * FROM names WHERE prompt = :prompt AND release_key <= :from AND (release_key, key) < (:after_release, :after_key)
       ORDER BY release_key DESC, key DESC LIMIT :limit`,
    ),
    promptsPage: prepare(
      `SELECT p.*, l.status AS latest_status, iif(l.label IS NULL, s.description, l.description) AS description,
              iif(l.label IS NULL, s.tags, l.tags) AS tags
       FROM prompts p
       LEFT JOIN versions l ON l.prompt = p.id_key AND l.label = p.latest
       LEFT JOIN versions s ON s.prompt = p.id_key AND s.label = p.stable
       WHERE p.id > :after AND p.id >= :prefix AND p.id < :prefix_end
         AND (:source IS NULL OR p.owner = :source)
         AND (:status IS NULL OR l.status = :status OR s.status = :status)
       ORDER BY p.id LIMIT :limit`,
    ),
  }
}

export type Statements = ReturnType<typeof prepareStatements>
