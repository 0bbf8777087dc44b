import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Status } from '../../contract/version.ts'
import type { ListedVersion, PromptListing } from '../prompt-store.ts'
import type { AtomicChange, NameClaim, NewContent, PromptEvent, VersionRecord } from '../records.ts'
import { slimSnapshot } from './head-versions.ts'
import { keyOf, keyRow, row, SCHEMA } from './keys.ts'
import type { StoredSnapshot, StoredVersion } from './rows.ts'

/** Replaces the head if it is still at the revision on which the change is based. */
export function headWrite(table: string, change: AtomicChange, stored: StoredSnapshot): TransactWriteItem {
  // The latest version is usually also the stable one; then it is stored once.
  const isOne = stored.head.latest === stored.head.stable
  const { head, stable, latest, feedAt } = slimSnapshot({ ...stored, ...(isOne && { latest: null }) })
  const Item = row(keyOf.head(head.promptId), {
    revision: { N: String(head.revision) },
    record: { S: JSON.stringify({ head, stable, latest, feedAt } satisfies StoredSnapshot) },
  })
  const isNew = change.expectedRevision === 0
  return {
    Put: {
      TableName: table,
      Item,
      ConditionExpression: isNew ? 'attribute_not_exists(prompt_key)' : 'revision = :expected',
      ...(!isNew && { ExpressionAttributeValues: { ':expected': { N: String(change.expectedRevision) } } }),
    },
  }
}

/** The catalog row of a prompt, so that one query reads a page of the list. */
export function catalogWrite(table: string, { head, stable, latest }: StoredSnapshot): TransactWriteItem {
  // Lists omit deleted prompts without an owner.
  if (head.deleted !== undefined && head.owner === null)
    return { Delete: { TableName: table, Key: keyRow(keyOf.catalog(head.promptId)) } }
  const listing: PromptListing = { head, stable: listed(stable), latest: listed(latest) }
  const statuses = [stable, latest].flatMap((stored) => (stored === null ? [] : [stored.version.status]))
  const Item = row(keyOf.catalog(head.promptId), {
    ...(head.owner !== null && { owner: { S: head.owner } }),
    ...(head.deleted !== undefined && { deleted: { BOOL: true } }),
    ...(statuses.length > 0 && { statuses: { SS: [...new Set(statuses)] } }),
    record: { S: JSON.stringify(listing) },
  })
  return { Put: { TableName: table, Item } }
}

function listed(stored: StoredVersion | null): ListedVersion | null {
  if (stored === null) return null
  const { label, status, identity, payloadSha256, release, waiting, description, tags } = stored.version
  return { label, status, identity, payloadSha256, release, waiting, description, tags }
}

/** The attributes of a seeded row that must be unchanged when it is adopted. */
export interface SeenRow {
  /** The raw attributes, because other programs may write any type. */
  readonly status: AttributeValue | undefined
  readonly s3Key: AttributeValue | undefined
}

/**
 * Overwrites a version row, but keeps attributes of other programs. `seen` is the expected state of the row.
 * Attributes that other readers may rely on are always written.
 */
export function versionWrite(
  table: string,
  id: string,
  stored: StoredVersion,
  seen?: SeenRow | 'nothing',
): TransactWriteItem {
  const { version, s3Key } = stored
  const { status, s3Key: key } = seen === undefined || seen === 'nothing' ? {} : seen
  const conditions =
    seen === 'nothing'
      ? ['attribute_not_exists(prompt_key)']
      : seen && [
          status === undefined ? 'attribute_not_exists(#status)' : '#status = :seenStatus',
          key === undefined ? 'attribute_not_exists(s3_key)' : 's3_key = :seenKey',
        ]
  return {
    Update: {
      TableName: table,
      Key: keyRow(keyOf.version(id, version.label)),
      UpdateExpression:
        'SET #status = :status, s3_key = :key, description = :description, tags = :tags, created_at = :created, updated_at = :updated, #record = :record, #schema = :schema',
      ExpressionAttributeNames: { '#status': 'status', '#record': 'record', '#schema': 'schema' },
      ExpressionAttributeValues: {
        ':status': { S: version.status satisfies Status },
        ':key': { S: s3Key },
        ':description': { S: version.description ?? '' },
        ':tags': { L: version.tags.map((tag) => ({ S: tag })) },
        ':created': { S: version.createdAt ?? '' },
        ':updated': { S: version.updatedAt ?? '' },
        ':record': { S: JSON.stringify({ version, s3Key } satisfies StoredVersion) },
        ':schema': { N: String(SCHEMA) },
        ...(status !== undefined && { ':seenStatus': status }),
        ...(key !== undefined && { ':seenKey': key }),
      },
      ...(conditions && { ConditionExpression: conditions.join(' AND ') }),
    },
  }
}

/** The index rows of a version: order, content and identity. Idempotent. */
export function indexWrites(table: string, id: string, version: VersionRecord): TransactWriteItem[] {
  const { label, order, contentSha256, identity } = version
  return [
    { Put: { TableName: table, Item: row(keyOf.order(id, order), { label: { S: label } }) } },
    ...[...new Set([contentSha256, identity])].map((sha256) => ({
      Update: {
        TableName: table,
        Key: keyRow(keyOf.sha(id, sha256)),
        UpdateExpression: 'SET #schema = :schema ADD labels :label',
        ExpressionAttributeNames: { '#schema': 'schema' },
        ExpressionAttributeValues: { ':label': { SS: [label] }, ':schema': { N: String(SCHEMA) } },
      },
    })),
  ]
}

/**
 * A name that is a release is stored on the release line, under a key that also finds it by name. All other names
 * have rows of their own.
 */
export function nameWrites(table: string, id: string, claim: NameClaim): TransactWriteItem[] {
  const { key, label, release } = claim
  const attributes = { label: { S: label }, record: { S: JSON.stringify(claim) } }
  const keys = [
    ...(release === key ? [] : [keyOf.name(id, key)]),
    ...(release === null ? [] : [keyOf.release(id, release, key)]),
  ]
  return keys.map((at) => ({ Put: { TableName: table, Item: row(at, attributes) } }))
}

export function frontMatterWrite(table: string, id: string, content: NewContent): TransactWriteItem[] {
  const { label, frontMatter } = content
  if (frontMatter === null || frontMatter === '') return []
  const Item = row(keyOf.frontMatter(id, label), { front_matter: { S: frontMatter } })
  return [{ Put: { TableName: table, Item } }]
}

export function eventWrite(table: string, id: string, event: PromptEvent): TransactWriteItem {
  const Item = row(keyOf.event(id, event.sequence), { record: { S: JSON.stringify(event) } })
  return { Put: { TableName: table, Item } }
}
