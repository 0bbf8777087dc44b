import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { type AwsStore, type AwsStoreOptions, openAwsStore } from '../../../api/store/aws/index.ts'
import type { StoreHarness } from '../../contract/prompt-store/harness.ts'
import { type Clients, clientsTo } from './clients.ts'
import { moto } from './moto.ts'
import { type AwsProxy, startProxy } from './proxy.ts'

/** A table and a bucket of the platform's shape, of one test's own, and what stands before them. */
export interface AwsWorld {
  readonly table: string
  readonly bucket: string
  readonly proxy: AwsProxy
  /** Clients that go through the proxy. */
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  /** Clients that go around it, for what the test itself does. */
  readonly direct: Clients
  /** A store as a process of its own would have it: it remembers nothing of the others. */
  open(options?: Partial<AwsStoreOptions>): AwsStore
  close(): Promise<void>
}

let worlds = 0

export async function makeWorld(): Promise<AwsWorld> {
  const emulator = await moto()
  const proxy = await startProxy(emulator)
  const around = clientsTo(`http://127.0.0.1:${emulator.port}`)
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

/** The platform's table: hash and range as they are, and no index. */
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

/** The emulator is asked by several at a time here as well. */
function oneAtATime(client: DynamoDBClient, alone: <T>(run: () => Promise<T>) => Promise<T>): DynamoDBClient {
  const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>
  return Object.assign(client, { send: (...args: unknown[]) => alone(() => send(...args)) })
}

/** The AWS adapter as the contract's cases use it. */
export function awsHarness({ stingy = false } = {}): StoreHarness {
  return {
    async open() {
      const world = await makeWorld()
      world.proxy.stingy = stingy
      return { ...world.open(), reopen: async () => world.open(), close: world.close }
    },
    async unreachable() {
      const closed = clientsTo('http://127.0.0.1:9', 1)
      return { ...openAwsStore({ table: 't', bucket: 'b', ...closed }), close: async () => undefined }
    },
  }
}

export { clientsTo } from './clients.ts'
