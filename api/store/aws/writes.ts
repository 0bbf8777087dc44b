import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Status } from '../../contract/version.ts'
import type { AtomicChange, NewContent } from '../atomic-change.ts'
import type { ListedVersion } from '../prompt-store.ts'
import type { NameClaim, PromptEvent, VersionRecord } from '../records.ts'
import { slimSnapshot } from './head-versions.ts'
import { keyOf, keyRow, type Row, row, SCHEMA } from './keys.ts'
import type { StoredSnapshot, StoredVersion } from './record-json.ts'
import { listingJson, nameJson, snapshotJson, versionJson } from './record-json.ts'

export function headRow(stored: StoredSnapshot): Row {
  const { promptId, revision } = stored.head
  return row(keyOf.head(promptId), {
    revision: { N: String(revision) },
    record: { S: snapshotJson(slimSnapshot(stored)) },
  })
}

/** Replaces the head if it is still at the revision on which the change is based. */
export function headWrite(table: string, change: AtomicChange, stored: StoredSnapshot): TransactWriteItem {
  const Item = headRow(stored)
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
  const statuses = [stable, latest].flatMap((stored) => (stored === null ? [] : [stored.record.status]))
  const Item = row(keyOf.catalog(head.promptId), {
    ...(head.owner !== null && { owner: { S: head.owner } }),
    ...(head.deleted !== undefined && { deleted: { BOOL: true } }),
    ...(statuses.length > 0 && { statuses: { SS: [...new Set(statuses)] } }),
    record: { S: listingJson({ head, stable: listed(stable), latest: listed(latest) }) },
  })
  return { Put: { TableName: table, Item } }
}

function listed(stored: StoredVersion | null): ListedVersion | null {
  if (stored === null) return null
  const { version, status, identity, payloadSha256, release, waiting, description, tags, releasedAt } =
    stored.record
  return { version, status, identity, payloadSha256, release, waiting, description, tags, releasedAt }
}

/** The attributes of a seeded row that must be unchanged when it is adopted. */
export interface SeenRow {
  /** The raw attributes, because other programs may write any type. */
  readonly status: AttributeValue | undefined
  readonly s3Key: AttributeValue | undefined
}

/** The attributes of a version's row. Those that other readers may rely on are always there. */
function versionAttributes(stored: StoredVersion) {
  const { record: version, s3Key } = stored
  return {
    status: { S: version.status satisfies Status },
    s3_key: { S: s3Key },
    description: { S: version.description ?? '' },
    tags: { L: version.tags.map((tag) => ({ S: tag })) },
    created_at: { S: version.createdAt ?? '' },
    updated_at: { S: version.updatedAt ?? '' },
    record: { S: versionJson(stored) },
  } satisfies Row
}

/** The row of a version in a table without rows of other programs. */
export function versionRow(id: string, stored: StoredVersion): Row {
  return row(keyOf.version(id, stored.record.version), versionAttributes(stored))
}

/**
 * Overwrites a version row, but keeps attributes of other programs. `seen` is the expected state of the row.
 */
export function versionWrite(
  table: string,
  id: string,
  stored: StoredVersion,
  seen?: SeenRow | 'nothing',
): TransactWriteItem {
  const version = versionAttributes(stored)
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
      Key: keyRow(keyOf.version(id, stored.record.version)),
      UpdateExpression:
        'SET #status = :status, s3_key = :key, description = :description, tags = :tags, created_at = :created, updated_at = :updated, #record = :record, #schema = :schema',
      ExpressionAttributeNames: { '#status': 'status', '#record': 'record', '#schema': 'schema' },
      ExpressionAttributeValues: {
        ':status': version.status,
        ':key': version.s3_key,
        ':description': version.description,
        ':tags': version.tags,
        ':created': version.created_at,
        ':updated': version.updated_at,
        ':record': version.record,
        ':schema': { N: String(SCHEMA) },
        ...(status !== undefined && { ':seenStatus': status }),
        ...(key !== undefined && { ':seenKey': key }),
      },
      ...(conditions && { ConditionExpression: conditions.join(' AND ') }),
    },
  }
}

/** Keeps a revocation, whatever happens to the row of its version. */
export function revocationWrites(table: string, id: string, stored: StoredVersion): TransactWriteItem[] {
  const { version, status } = stored.record
  if (status !== 'revoked') return []
  return [
    {
      Put: {
        TableName: table,
        Item: row(keyOf.revoked(id, version), { record: { S: versionJson(stored) } }),
      },
    },
  ]
}

/** The index rows of a version: order, content and identity. Idempotent. */
export function indexWrites(table: string, id: string, version: VersionRecord): TransactWriteItem[] {
  const { order, contentSha256, identity } = version
  const label = { S: version.version }
  return [
    { Put: { TableName: table, Item: row(keyOf.order(id, order), { label }) } },
    ...[...new Set([contentSha256, identity])].map((sha256) => ({
      Update: {
        TableName: table,
        Key: keyRow(keyOf.sha(id, sha256)),
        UpdateExpression: 'SET #schema = :schema ADD labels :label',
        ExpressionAttributeNames: { '#schema': 'schema' },
        ExpressionAttributeValues: { ':label': { SS: [version.version] }, ':schema': { N: String(SCHEMA) } },
      },
    })),
  ]
}

/**
 * A name that is a release is stored on the release line, under a key that also finds it by name. All other names
 * have rows of their own.
 */
export function nameWrites(table: string, id: string, claim: NameClaim): TransactWriteItem[] {
  const { key, version, release } = claim
  const attributes = { label: { S: version }, record: { S: nameJson(claim) } }
  const keys = [
    ...(release === key ? [] : [keyOf.name(id, key)]),
    ...(release === null ? [] : [keyOf.release(id, release, key)]),
  ]
  return keys.map((at) => ({ Put: { TableName: table, Item: row(at, attributes) } }))
}

export function frontMatterWrite(table: string, id: string, content: NewContent): TransactWriteItem[] {
  const { version, frontMatter } = content
  if (frontMatter === null || frontMatter === '') return []
  const Item = row(keyOf.frontMatter(id, version), { front_matter: { S: frontMatter } })
  return [{ Put: { TableName: table, Item } }]
}

export function eventWrite(table: string, id: string, event: PromptEvent): TransactWriteItem {
  const Item = row(keyOf.event(id, event.sequence), { record: { S: JSON.stringify(event) } })
  return { Put: { TableName: table, Item } }
}
