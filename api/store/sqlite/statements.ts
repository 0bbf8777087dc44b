import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { PROMPT_COLUMNS, VERSION_COLUMNS } from './columns.ts'

const HEAD = Object.keys(PROMPT_COLUMNS) as (keyof typeof PROMPT_COLUMNS)[]
const VERSION = Object.keys(VERSION_COLUMNS) as (keyof typeof VERSION_COLUMNS)[]
const VERSION_KEY: readonly string[] = ['prompt', 'label']

const places = (columns: readonly string[]) => columns.map(() => '?').join(', ')
const assignments = (columns: readonly string[], skip: readonly string[], from: string) =>
  columns
    .filter((column) => !skip.includes(column))
    .map((column) => `${column} = ${from}${column}`)
    .join(', ')

type Value = string | number | null

/** Binds the columns of a row by position: by name, 27 of them take three times as long. */
function ofRows<C extends string>(statement: StatementSync, columns: readonly C[]) {
  return { run: (row: Readonly<Record<C, Value>>) => statement.run(...columns.map((column) => row[column])) }
}

/** The columns and the filter of a page of prompts. */
export interface PromptsPage {
  readonly columns: string
  readonly source: boolean
  readonly status: 'none' | 'stable' | 'other'
  readonly deleted: boolean
}

const STATUS_CONDITIONS = {
  none: '',
  // The version named stable always has this status.
  stable: 'AND p.stable IS NOT NULL',
  other: 'AND p.latest_status = :status',
} as const

/** One statement for each kind of page, prepared when first used, so that each one uses its index. */
function preparePromptsPage(prepare: (sql: string) => StatementSync) {
  const prepared = new Map<string, StatementSync>()
  return (page: PromptsPage): StatementSync => {
    const key = JSON.stringify(page)
    const statement = prepared.get(key) ?? prepare(promptsPage(page))
    statement.setReturnArrays(true)
    prepared.set(key, statement)
    return statement
  }
}

function promptsPage({ columns, source, status, deleted }: PromptsPage): string {
  return `SELECT ${columns}
    FROM prompts p
    LEFT JOIN versions l ON l.prompt = p.id_key AND l.label = p.latest
    LEFT JOIN versions s ON s.prompt = p.id_key AND s.label = p.stable
    WHERE p.id >= :from AND p.id < :to
      AND ${deleted ? '(p.deleted IS NULL OR p.owner IS NOT NULL)' : 'p.deleted IS NULL'}
      ${source ? 'AND p.owner = :source' : ''}
      ${STATUS_CONDITIONS[status]}
    ORDER BY p.id LIMIT :limit`
}

/** All statements of the prompt store, prepared once: preparing costs five times as much as running. */
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql)
  return {
    head: prepare('SELECT * FROM prompts WHERE id_key = ?'),
    version: prepare('SELECT * FROM versions WHERE prompt = ? AND label = ?'),
    status: prepare('SELECT status FROM versions WHERE prompt = ? AND label = ?'),
    byName: prepare(
      'SELECT v.* FROM names n JOIN versions v ON v.prompt = n.prompt AND v.label = n.label WHERE n.prompt = ? AND n.key = ?',
    ),
    byIdentity: prepare('SELECT * FROM versions WHERE prompt = ? AND identity = ? ORDER BY ordinal LIMIT 1'),
    byContent: prepare('SELECT * FROM versions WHERE prompt = ? AND content_sha256 = ? ORDER BY ordinal'),
    content: prepare('SELECT content FROM contents WHERE sha256 = ?'),

    insertHead: ofRows(
      prepare(`INSERT INTO prompts (${HEAD.join(', ')}) VALUES (${places(HEAD)}) ON CONFLICT DO NOTHING`),
      HEAD,
    ),
    updateHead: prepare(
      `UPDATE prompts SET ${assignments(HEAD, ['id_key'], ':')} WHERE id_key = :id_key AND revision = :expected`,
    ),
    putVersion: ofRows(
      prepare(
        `INSERT INTO versions (${VERSION.join(', ')}) VALUES (${places(VERSION)})
         ON CONFLICT (prompt, label) DO UPDATE SET ${assignments(VERSION, VERSION_KEY, 'excluded.')}`,
      ),
      VERSION,
    ),
    putContent: prepare('INSERT INTO contents (sha256, content) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    putFrontMatter: prepare(
      'INSERT INTO front_matters (prompt, label, front_matter) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    frontMatter: prepare('SELECT front_matter FROM front_matters WHERE prompt = ? AND label = ?'),
    putFile: prepare('INSERT INTO files (prompt, sha256, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    file: prepare('SELECT text FROM files WHERE prompt = ? AND sha256 = ?'),
    insertName: prepare(
      `INSERT INTO names (prompt, key, name, label, identity, release, release_key) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name WHERE names.label = excluded.label`,
    ),
    insertEvidence: prepare(
      'INSERT INTO evidence (prompt, sha256, identity, payload_sha256, envelope, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
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
    feedPage: prepare('SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?'),

    purgeFrontMatters: prepare('DELETE FROM front_matters WHERE prompt = ?'),
    purgeEvidence: prepare('DELETE FROM evidence WHERE prompt = ?'),
    purgeFiles: prepare('DELETE FROM files WHERE prompt = ?'),
    purgeNames: prepare(
      `DELETE FROM names WHERE prompt = :prompt
       AND label NOT IN (SELECT label FROM versions WHERE prompt = :prompt AND status = 'revoked')`,
    ),
    contentsOf: prepare('SELECT content_sha256 FROM versions WHERE prompt = ?'),
    purgeVersions: prepare("DELETE FROM versions WHERE prompt = ? AND status <> 'revoked'"),
    purgeContent: prepare(
      `DELETE FROM contents WHERE sha256 = :sha256
       AND NOT EXISTS (SELECT 1 FROM versions WHERE content_sha256 = :sha256 AND status <> 'revoked')`,
    ),

    promptsPage: preparePromptsPage(prepare),
  }
}

export type Statements = ReturnType<typeof prepareStatements>
