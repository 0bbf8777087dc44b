import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Status } from '../../contract/version.ts'
import type { PromptListing } from '../prompt-store.ts'
import type { Change, NameClaim, PromptEvent, VersionRecord } from '../records.ts'
import { keyOf, keyRow, row } from './keys.ts'
import type { StoredSnapshot, StoredVersion } from './rows.ts'

/** Replaces the head where it is still at the revision that the change was decided on. */
export function headWrite(table: string, change: Change, stored: StoredSnapshot): TransactWriteItem {
  const { head, stable } = stored
  // The latest version is most often the stable one, and then it is written once.
  const latest = head.latest === head.stable ? null : stored.latest
  const Item = row(keyOf.head(head.promptId), {
    revision: { N: String(head.revision) },
    record: { S: JSON.stringify({ head, stable, latest }) },
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

/** What a list shows of a prompt, so that a page of it is one query. */
export function catalogWrite(table: string, { head, stable, latest }: StoredSnapshot): TransactWriteItem {
  const shown = latest ?? stable
  const listing: PromptListing = {
    head,
    latestStatus: latest?.version.status ?? null,
    description: shown?.version.description ?? null,
    tags: shown?.version.tags ?? [],
  }
  const statuses = [stable, latest].flatMap((stored) => (stored === null ? [] : [stored.version.status]))
  const Item = row(keyOf.catalog(head.promptId), {
    ...(head.owner !== null && { owner: { S: head.owner } }),
    ...(statuses.length > 0 && { statuses: { SS: [...new Set(statuses)] } }),
    record: { S: JSON.stringify(listing) },
  })
  return { Put: { TableName: table, Item } }
}

/** What a seeded row must still say when it is adopted. */
export interface SeenRow {
  readonly status: string | undefined
  readonly s3Key: string | undefined
}

/**
 * Writes a version over whatever its row holds, and leaves alone what others keep there. The attributes that
 * other readers know are never absent: they may count on them.
 */
export function versionWrite(
  table: string,
  id: string,
  stored: StoredVersion,
  seen?: SeenRow,
): TransactWriteItem {
  const { version, s3Key } = stored
  const conditions = seen && [
    seen.status === undefined ? 'attribute_not_exists(#status)' : '#status = :seenStatus',
    seen.s3Key === undefined ? 'attribute_not_exists(s3_key)' : 's3_key = :seenKey',
  ]
  return {
    Update: {
      TableName: table,
      Key: keyRow(keyOf.version(id, version.label)),
      UpdateExpression:
        'SET #status = :status, s3_key = :key, description = :description, tags = :tags, created_at = :created, updated_at = :updated, #record = :record',
      ExpressionAttributeNames: { '#status': 'status', '#record': 'record' },
      ExpressionAttributeValues: {
        ':status': { S: version.status satisfies Status },
        ':key': { S: s3Key },
        ':description': { S: version.description ?? '' },
        ':tags': { L: version.tags.map((tag) => ({ S: tag })) },
        ':created': { S: version.createdAt },
        ':updated': { S: version.updatedAt },
        ':record': { S: JSON.stringify({ version, s3Key } satisfies StoredVersion) },
        ...(seen?.status !== undefined && { ':seenStatus': { S: seen.status } }),
        ...(seen?.s3Key !== undefined && { ':seenKey': { S: seen.s3Key } }),
      },
      ...(conditions && { ConditionExpression: conditions.join(' AND ') }),
    },
  }
}

/** By what a version is found: its order, its text and its identity. The same write may come twice. */
export function indexWrites(table: string, id: string, version: VersionRecord): TransactWriteItem[] {
  const { label, order, contentSha256, identity } = version
  return [
    { Put: { TableName: table, Item: row(keyOf.order(id, order), { label: { S: label } }) } },
    ...[...new Set([contentSha256, identity])].map((sha256) => ({
      Update: {
        TableName: table,
        Key: keyRow(keyOf.sha(id, sha256)),
        UpdateExpression: 'ADD labels :label',
        ExpressionAttributeValues: { ':label': { SS: [label] } },
      },
    })),
  ]
}

/** A name that is a release is kept on the release line, where its key finds it too; any other has a row of its own. */
export function nameWrites(table: string, id: string, claim: NameClaim): TransactWriteItem[] {
  const { key, label, release } = claim
  const attributes = { label: { S: label }, record: { S: JSON.stringify(claim) } }
  const keys = [
    ...(release === key ? [] : [keyOf.name(id, key)]),
    ...(release === null ? [] : [keyOf.release(id, release, key)]),
  ]
  return keys.map((at) => ({ Put: { TableName: table, Item: row(at, attributes) } }))
}

export function eventWrite(table: string, id: string, event: PromptEvent): TransactWriteItem {
  const Item = row(keyOf.event(id, event.sequence), { record: { S: JSON.stringify(event) } })
  return { Put: { TableName: table, Item } }
}
