import { createHash } from 'node:crypto'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { type PromptId, promptIdKey } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
import { releaseKey } from '../release-key.ts'
import type { FindingKey } from '../source-records.ts'

/** A row of the table, or part of one, in the SDK's format. */
export type Row = Record<string, AttributeValue>

/** Partition and sort key of a row, under the column names of the platform's table. */
export interface Key {
  readonly prompt_key: string
  readonly version: string
}

/**
 * The layout of the table. A partition named like a prompt id contains only that prompt's versions, because other
 * readers of the platform know these rows. Hashes that start with `#` are ours; no prompt id does.
 */
export const keyOf = {
  version: (id: PromptId, version: VersionName): Key => ({ prompt_key: id, version }),
  head: (id: PromptId): Key => ({ prompt_key: promptHash(id), version: 'head' }),
  /** The claim of a name. */
  name: (id: PromptId, key: string): Key => ({ prompt_key: promptHash(id), version: `name#${key}` }),
  /** The text before the content in a version's file; missing if there is none. */
  frontMatter: (id: PromptId, version: VersionName): Key => ({
    prompt_key: promptHash(id),
    version: `front#${version}`,
  }),
  /** A copy of a revoked version: its own row is where other programs delete and overwrite. */
  revoked: (id: PromptId, label: VersionName): Key => ({
    prompt_key: promptHash(id),
    version: `revoked#${label}`,
  }),
  /** The label of the n-th version. */
  order: (id: PromptId, order: number): Key => ({ prompt_key: promptHash(id), version: orderRange(order) }),
  /** The labels of the versions with this content hash or this identity. */
  sha: (id: PromptId, sha256: string): Key => ({ prompt_key: promptHash(id), version: `sha#${sha256}` }),
  release: (id: PromptId, release: string, key: string): Key => ({
    prompt_key: promptHash(id),
    version: releaseRange(release, key),
  }),
  event: (id: PromptId, sequence: number): Key => ({
    prompt_key: promptHash(id),
    version: eventRange(sequence),
  }),
  catalog: (id: PromptId): Key => ({ prompt_key: CATALOG, version: id }),
  /** The result of the last scan for seeded prompts. */
  adopted: { prompt_key: '#catalog', version: '#adopted' } satisfies Key,
  /** The archive that is being restored to this table. */
  restoring: { prompt_key: '#restoring', version: 'archive' } satisfies Key,
  source: (name: string): Key => ({ prompt_key: sourceHash(name), version: 'record' }),
  ledger: (name: string, position: number): Key => ({
    prompt_key: sourceHash(name),
    version: ledgerRange(position),
  }),
  /** The ledger delta that added a tag. */
  tag: (name: string, tag: string): Key => ({ prompt_key: sourceHash(name), version: `tag#${tag}` }),
  sourceName: (name: string): Key => ({ prompt_key: SOURCES, version: name }),
  finding: (name: string, { code, subject }: FindingKey): Key => ({
    prompt_key: sourceHash(name),
    version: `finding#${code}#${subject.kind}#${shortened(subject.name)}`,
  }),
  /** The pointer to the set that a source serves now. */
  pointer: (name: string): Key => ({ prompt_key: sourceHash(name), version: 'pointer' }),
  move: (name: string, sequence: number): Key => ({
    prompt_key: sourceHash(name),
    version: moveRange(sequence),
  }),
  /** That a set is stored, and until when it is. Its members are in the bucket. */
  storedSet: (name: string, digest: string): Key => ({
    prompt_key: sourceHash(name),
    version: `set#${digest}`,
  }),
  /** The reads of one version by one application on one day. */
  reads: (id: PromptId, range: string): Key => ({ prompt_key: readsHash(id), version: range }),
  feedDay: (day: string): Key => ({ prompt_key: FEED, version: day }),
}

export const CATALOG = '#catalog'
export const SOURCES = '#sources'
export const FEED = '#feed'
/** Sorts after every character of an id or a name. */
export const LAST = '\u{10FFFF}'

/** Whether DynamoDB sorts `a` after `b`: by UTF-8 bytes, unlike JavaScript. */
export function sortsAfter(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0
}

/** Ids with the same key share a partition, so only one of them can have a head. */
export function promptHash(id: PromptId): string {
  return `#prompt#${promptIdKey(id)}`
}

/** The reader's role may write rows whose hash starts like this, and no others. */
export function readsHash(id: PromptId): string {
  return `#reads#${promptIdKey(id)}`
}

export function sourceHash(name: string): string {
  return `#source#${name}`
}

export const orderRange = (order: number) => `order#${padded(order)}`
export const eventRange = (sequence: number) => `event#${padded(sequence)}`
export const moveRange = (sequence: number) => `move#${padded(sequence)}`
export const ledgerRange = (position: number) => `ledger#${padded(position)}`

/**
 * Sorts by release, then by name. The space before the name sorts before all characters that can extend a release
 * key, so `1.0.0-a` sorts before `1.0.0-a.1` even with a name behind it.
 */
export const releaseRange = (release: string, key: string) => `release#${releaseKey(release)} #${key}`

/**
 * The S3 key of content: the one that the platform expects, or one with the hash if that key has other content.
 */
export const textKey = (id: PromptId, version: VersionName) => `${id}/${version}.txt`
export const hashedTextKey = (id: PromptId, version: VersionName, sha256: string) =>
  `${id}/${version}.${sha256}.txt`

/** The S3 key of a manifest or a file of a skill folder. Each prompt has its own, so that a purge need not count uses. */
export const fileKey = (id: PromptId, sha256: string) => `${id}/files/${sha256}`

/** The schema of rows that this version writes. Rows of previews before the first release have none. */
export const SCHEMA = 1

export function row(key: Key, attributes: Row): Row {
  return { ...keyRow(key), schema: { N: String(SCHEMA) }, ...attributes }
}

export function keyRow(key: Key): Row {
  return { prompt_key: { S: key.prompt_key }, version: { S: key.version } }
}

export function keyOfRow(row: Row): Key {
  return { prompt_key: text(row.prompt_key) ?? '', version: text(row.version) ?? '' }
}

/** A string attribute; `undefined` if it is missing or of another type. */
export function text(value: AttributeValue | undefined): string | undefined {
  return typeof value?.S === 'string' ? value.S : undefined
}

/** Shortens a subject, which may be longer than a key. */
function shortened(name: string): string {
  const bytes = Buffer.from(name, 'utf8')
  if (bytes.length <= MOST_SUBJECT_BYTES) return name
  const digest = createHash('sha256').update(bytes).digest('hex')
  return `${bytes
    .subarray(0, MOST_SUBJECT_BYTES - 100)
    .toString('utf8')
    .replace(/\uFFFD$/, '')}#${digest}`
}

/** Sort keys have at most 1024 bytes. */
const MOST_SUBJECT_BYTES = 800

export function padded(value: number): string {
  return String(value).padStart(16, '0')
}
