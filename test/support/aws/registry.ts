import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { MODES } from '../../../api/contract/mode.ts'
import type { RegistryApi } from '../../../api/contract/registry-api.ts'
import { statusOf } from '../../../api/http/error-table.ts'
import { createRegistry } from '../../../api/registry/registry.ts'
import type { AwsStore, AwsStoreOptions } from '../../../api/store/aws/index.ts'
import type { PromptStore } from '../../../api/store/prompt-store.ts'
import type { AwsWorld } from './world.ts'

export interface AwsRegistry extends AwsStore {
  readonly admin: RegistryApi
  readonly writer: RegistryApi
  readonly prompts: PromptStore
}

let processes = 0

/** The real registry on the AWS store, like a separate process: it shares no cache with others. */
export function awsRegistry(world: AwsWorld, options: Partial<AwsStoreOptions> = {}): AwsRegistry {
  const name = `process-${++processes}`
  let ids = 0
  const newId = () => `${name}-${++ids}`
  const now = () => Date.parse('2026-01-31T12:00:00.000Z')
  const store = world.open({ now, newId, ...options })
  const registry = createRegistry({
    ...store,
    settings: { allowedModes: MODES, deprecatedPins: 'serve', inputs: 'report' },
    now,
    random: Math.random,
    newId,
    statusOf: (code) => statusOf(code, 'write'),
  })
  return {
    ...store,
    admin: registry.as({ actor: 'ada', access: 'admin', sources: 'any' }),
    writer: registry.as({ actor: 'will', access: 'write', sources: 'any' }),
  }
}

/** A version as the platform's Terraform seeds it. `text: null` omits the object. */
export interface Seed {
  readonly version: string
  readonly text: string | null
  readonly status?: string
  readonly s3Key?: string
  /** Attributes in DynamoDB's format. */
  readonly more?: PutItemCommand['input']['Item']
}

export async function seed(world: AwsWorld, id: string, ...seeds: readonly Seed[]): Promise<void> {
  const { dynamodb } = world.direct
  for (const { version, text, status = 'stable', s3Key = `${id}/${version}.txt`, more } of seeds) {
    if (text !== null) await putText(world, s3Key, text)
    const Item = {
      prompt_key: { S: id },
      version: { S: version },
      status: { S: status },
      s3_key: { S: s3Key },
      ...more,
    }
    await dynamodb.send(new PutItemCommand({ TableName: world.table, Item }))
  }
}

/** Deletes the row, as Terraform does when it destroys a seeded version. */
export async function unseed({ direct, table }: AwsWorld, id: string, { version }: Seed): Promise<void> {
  const Key = { prompt_key: { S: id }, version: { S: version } }
  await direct.dynamodb.send(new DeleteItemCommand({ TableName: table, Key }))
}

export async function putText({ direct, bucket }: AwsWorld, Key: string, Body: string): Promise<void> {
  await direct.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
}

/** The row of a version as a reader of the platform sees it: the attributes that it knows, as plain values. */
export interface ForeignRow {
  readonly version: string
  readonly status: string | undefined
  readonly s3_key: string | undefined
}

/** The view of a reader that knows only the platform's rows: everything under a prompt id, and nothing of ours. */
export async function foreignRows(world: AwsWorld, id: string): Promise<ForeignRow[]> {
  const rows: ForeignRow[] = []
  for (const row of await allRows(world)) {
    if (row.prompt_key?.S !== id) continue
    rows.push({ version: row.version?.S ?? '', status: row.status?.S, s3_key: row.s3_key?.S })
  }
  return rows.sort((a, b) => (a.version < b.version ? -1 : 1))
}

export async function allRows({ direct, table }: AwsWorld) {
  const rows: NonNullable<PutItemCommand['input']['Item']>[] = []
  let start: PutItemCommand['input']['Item']
  do {
    const page = await direct.dynamodb.send(
      new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: start }),
    )
    rows.push(...(page.Items ?? []))
    start = page.LastEvaluatedKey
  } while (start !== undefined)
  return rows
}

export async function textAt({ direct, bucket }: AwsWorld, Key: string): Promise<string> {
  const found = await direct.s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
  return (await found.Body?.transformToString()) ?? ''
}

export async function objectKeys({ direct, bucket }: AwsWorld): Promise<string[]> {
  const found = await direct.s3.send(new ListObjectsV2Command({ Bucket: bucket }))
  return (found.Contents ?? []).map(({ Key }) => Key ?? '').sort()
}

/** Everything in a world. */
export interface WorldCopy {
  readonly rows: Awaited<ReturnType<typeof allRows>>
  readonly texts: ReadonlyMap<string, string>
}

export async function copyOf(world: AwsWorld): Promise<WorldCopy> {
  const keys = await objectKeys(world)
  const texts = await Promise.all(keys.map(async (key) => [key, await textAt(world, key)] as const))
  return { rows: await allRows(world), texts: new Map(texts) }
}

export async function restore(world: AwsWorld, { rows, texts }: WorldCopy): Promise<void> {
  await putRows(world, rows)
  await Promise.all([...texts].map(([key, text]) => putText(world, key, text)))
}

export async function putRows({ direct, table }: AwsWorld, rows: WorldCopy['rows']): Promise<void> {
  for (let from = 0; from < rows.length; from += 25) {
    const requests = rows.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }))
    await direct.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }))
  }
}

/** Leaves the rows as written by previews before the first release: without a schema. */
export async function asPreview(world: AwsWorld): Promise<void> {
  const ours = (await allRows(world)).filter(({ schema }) => schema !== undefined)
  await putRows(
    world,
    ours.map(({ schema: _, ...row }) => row),
  )
}

/** How often each AWS action was called, such as `{ GetItem: 1 }`. */
export function countCalls(world: AwsWorld): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { action } of world.proxy.calls) counts[action] = (counts[action] ?? 0) + 1
  return counts
}

/** The calls made by `run`. */
export async function callsOf(world: AwsWorld, run: () => Promise<unknown>): Promise<Record<string, number>> {
  world.proxy.reset()
  await run()
  return countCalls(world)
}
