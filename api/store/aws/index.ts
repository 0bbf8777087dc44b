import { randomUUID } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { S3Client } from '@aws-sdk/client-s3'
import type { PromptStore } from '../prompt-store.ts'
import type { SourceStore } from '../source-store.ts'
import { type AdoptOptions, type AdoptReport, adoptSeeded } from './adopt-seeded.ts'
import { Memory } from './memory.ts'
import { Objects } from './objects.ts'
import { createAwsPrompts } from './prompts.ts'
import { SeededPrompts } from './seeded.ts'
import { createAwsSources } from './sources.ts'
import { Table } from './table.ts'
import { Texts } from './texts.ts'
import { Transactions } from './transactions.ts'

export type { AdoptOptions, AdoptReport } from './adopt-seeded.ts'

export interface AwsStoreOptions {
  /** Hash key `prompt_key`, range key `version`, both strings. */
  readonly table: string
  readonly bucket: string
  /** Clients carry region, credentials, endpoint, timeouts and the retries of broken connections. */
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  /** Milliseconds since the epoch; for the events of an adoption. */
  readonly now?: () => number
  /** At least 0, below 1. */
  readonly random?: () => number
  /** A new unique id. */
  readonly newId?: () => string
  /** How much text this process keeps in memory. */
  readonly textCacheBytes?: number
}

export interface AwsStore {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  /** Makes every seeded prompt the registry's own, and so listed. May be repeated. */
  adoptSeeded(options: AdoptOptions): Promise<AdoptReport>
}

/** Both stores on the platform's table and bucket, which many processes may use at once. */
export function openAwsStore(options: AwsStoreOptions): AwsStore {
  const { now = Date.now, random = Math.random, newId = randomUUID } = options
  const { textCacheBytes = 64 * 1024 * 1024 } = options
  const table = new Table(options.dynamodb, options.table, random)
  const transactions = new Transactions(options.dynamodb, random)
  const texts = new Texts(new Objects(options.s3, options.bucket, random), textCacheBytes)
  const seeded = new SeededPrompts(table, texts)
  const storage = { table, transactions, texts, seeded, memory: new Memory() }
  const prompts = createAwsPrompts(storage)
  return {
    prompts,
    sources: createAwsSources({ table, transactions, newId }),
    adoptSeeded: (adopting) => adoptSeeded({ prompts, table, now, newId }, adopting),
  }
}
