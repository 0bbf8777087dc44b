import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { type PromptId, promptIdKey } from '../../contract/prompt-id.ts'
import type { VersionName } from '../../contract/version-name.ts'
import { releaseKey } from '../release-key.ts'

/** A row of the table, or part of one, as the SDK writes it. */
export type Row = Record<string, AttributeValue>

/** Hash and range of a row, in the columns that the platform's table has for them. */
export interface Key {
  readonly prompt_key: string
  readonly version: string
}

/**
 * Where everything is. A partition whose hash is a prompt id holds that prompt's versions and nothing else: the
 * platform's other readers know these rows. A hash that starts with `#`, which no prompt id does, is ours.
 */
export const keyOf = {
  version: (id: PromptId, label: VersionName): Key => ({ prompt_key: id, version: label }),
  head: (id: PromptId): Key => ({ prompt_key: promptHash(id), version: 'head' }),
  /** Who claimed a name. */
  name: (id: PromptId, key: string): Key => ({ prompt_key: promptHash(id), version: `name#${key}` }),
  /** The label of the n-th version. */
  order: (id: PromptId, order: number): Key => ({ prompt_key: promptHash(id), version: orderRange(order) }),
  /** The labels of the versions whose text or whose identity has this hash. */
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
  /** What the last walk through the table for seeded prompts left of them. */
  adopted: { prompt_key: '#catalog', version: '#adopted' } satisfies Key,
  source: (name: string): Key => ({ prompt_key: sourceHash(name), version: 'record' }),
  ledger: (name: string, position: number): Key => ({
    prompt_key: sourceHash(name),
    version: ledgerRange(position),
  }),
  /** With which delta a tag came into the ledger. */
  tag: (name: string, tag: string): Key => ({ prompt_key: sourceHash(name), version: `tag#${tag}` }),
  sourceName: (name: string): Key => ({ prompt_key: SOURCES, version: name }),
}

export const CATALOG = '#catalog'
export const SOURCES = '#sources'
/** Sorts behind every character that the part of a range after its first word may have. */
export const LAST = '\x7f'

/** Ids that differ only by case share one partition, so only one of them can have a head. */
export function promptHash(id: PromptId): string {
  return `#prompt#${promptIdKey(id)}`
}

export function sourceHash(name: string): string {
  return `#source#${name}`
}

export const orderRange = (order: number) => `order#${padded(order)}`
export const eventRange = (sequence: number) => `event#${padded(sequence)}`
export const ledgerRange = (position: number) => `ledger#${padded(position)}`

/**
 * Sorts as releases do, then by name. The space before the name sorts before everything that may go on a release
 * key, so that `1.0.0-a` is lower than `1.0.0-a.1` also with a name behind it.
 */
export const releaseRange = (release: string, key: string) => `release#${releaseKey(release)} #${key}`

/** Texts go where the platform looks for them; under their hash where other content is there already. */
export const textKey = (id: PromptId, label: VersionName) => `${id}/${label}.txt`
export const hashedTextKey = (id: PromptId, label: VersionName, sha256: string) =>
  `${id}/${label}.${sha256}.txt`

export function row(key: Key, attributes: Row): Row {
  return { ...keyRow(key), ...attributes }
}

export function keyRow(key: Key): Row {
  return { prompt_key: { S: key.prompt_key }, version: { S: key.version } }
}

export function keyOfRow(row: Row): Key {
  return { prompt_key: text(row.prompt_key) ?? '', version: text(row.version) ?? '' }
}

/** A string attribute; `undefined` where it is absent or something else. */
export function text(value: AttributeValue | undefined): string | undefined {
  return typeof value?.S === 'string' ? value.S : undefined
}

function padded(value: number): string {
  return String(value).padStart(16, '0')
}
