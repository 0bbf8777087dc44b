import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { type AwsStore, type AwsStoreOptions, openAwsStore } from '../../../api/store/aws/index.ts'
import type { StoreHarness } from '../../contract/prompt-store/harness.ts'
import { type Clients, clientsTo } from './clients.ts'
import { moto } from './moto.ts'
import { type AwsProxy, startProxy } from './proxy.ts'

/** A table and a bucket in the platform's layout for one test, behind a proxy. */
export interface AwsWorld {
  readonly table: string
  readonly bucket: string
  readonly proxy: AwsProxy
  /** Clients that use the proxy. */
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  /** Clients that bypass the proxy, for the test itself. */
  readonly direct: Clients
  /** A store like that of a separate process: it shares no cache. */
  open(options?: Partial<AwsStoreOptions>): AwsStore
  close(): Promise<void>
}

let worlds = 0

export async function makeWorld(): Promise<AwsWorld> {
  const emulator = await moto()
  const proxy = await startProxy(emulator)
  const around = clientsTo(`http://127.0.0.1:${emulator.port}`, 3)
  const direct = { ...around, dynamodb: oneAtATime(around.dynamodb, emulator.alone) }
  const names = { table: `prompts-${++worlds}`, bucket: `texts-${worlds}` }
  await direct.dynamodb.send(new CreateTableCommand(platformTable(names.table)))
  await direct.s3.send(new CreateBucketCommand({ Bucket: names.bucket }))
  const clients = clientsTo(proxy.url)
  return {
    ...names,
    ...clients,
    proxy,
    direct,
    open: (options) => openAwsStore({ ...names, ...clients, ...options }),
    async close() {
      await direct.dynamodb.send(new DeleteTableCommand({ TableName: names.table }))
      for (const { dynamodb, s3 } of [clients, direct]) {
        dynamodb.destroy()
        s3.destroy()
      }
      await proxy.close()
    },
  }
}

/** The platform's table: its partition and sort key, without an index. */
export function platformTable(TableName: string) {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    KeySchema: [
      { AttributeName: 'prompt_key', KeyType: 'HASH' as const },
      { AttributeName: 'version', KeyType: 'RANGE' as const },
    ],
    AttributeDefinitions: ['prompt_key', 'version'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
  }
}

/** Serialized too, because several callers use the emulator at once. */
function oneAtATime(client: DynamoDBClient, alone: <T>(run: () => Promise<T>) => Promise<T>): DynamoDBClient {
  const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>
  return Object.assign(client, { send: (...args: unknown[]) => alone(() => send(...args)) })
}

/** The AWS adapter for the cases of the contract. */
export function awsHarness({ stingy = false } = {}): StoreHarness {
  return {
    async open() {
      const world = await makeWorld()
      world.proxy.stingy = stingy
      return { ...world.open(), reopen: async () => world.open(), close: world.close }
    },
    async unreachable() {
      const closed = clientsTo('http://127.0.0.1:9')
      return {
        ...openAwsStore({ table: 't', bucket: 'b', ...closed, retries: { broken: 0 } }),
        close: async () => undefined,
      }
    },
  }
}

export { clientsTo } from './clients.ts'
