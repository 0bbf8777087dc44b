import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Budget } from '../budget.ts'
import { deferred } from '../deferred.ts'
import type { PromptStore } from '../prompt-store.ts'
import type { ReadStore } from '../read-store.ts'
import type { SetStore } from '../set-store.ts'
import type { SourceStore } from '../source-store.ts'
import type { AdoptOptions, AdoptReport } from './adopt-seeded.ts'
import { Calls, type Pause, type Retries } from './calls.ts'
import { Memory } from './memory.ts'
import { Objects } from './objects.ts'
import { createAwsPrompts } from './prompts.ts'
import { createAwsReads } from './reads.ts'
import { SeededPrompts } from './seeded.ts'
import { Table } from './table.ts'
import { knownTexts, Texts } from './texts.ts'
import { Transactions } from './transactions.ts'

export type { AdoptOptions, AdoptReport } from './adopt-seeded.ts'

export interface AwsStoreOptions {
  /** Partition key `prompt_key`, sort key `version`, both strings. */
  readonly table: string
  readonly bucket: string
  /**
   * The clients define region, credentials and endpoint. They make one attempt each, because the store retries.
   */
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  /** Milliseconds since the epoch, for adoption events and the order of the feed. */
  readonly now?: () => number
  /** At least 0, below 1. */
  readonly random?: () => number
  /** A new unique id. */
  readonly newId?: () => string
  /** Pause between the attempts of a call. */
  readonly pause?: Pause
  /** Maximum number of retries. */
  readonly retries?: Partial<Retries>
  /** The maximum amount of content that this process caches. */
  readonly textCacheBytes?: number
}

export interface AwsStore {
  readonly prompts: PromptStore
  readonly sources: SourceStore
  readonly sets: SetStore
  readonly reads: ReadStore
  /** The same stores for one request: calls to AWS stop when its budget ends, with `busy`. */
  within(budget: Budget): Pick<AwsStore, 'prompts' | 'sources' | 'sets' | 'reads'>
  /** Adopts every seeded prompt, so that lists include it. Can be repeated. */
  adoptSeeded(options: AdoptOptions): Promise<AdoptReport>
  /**
   * Removes rows written by a preview of the registry, so that its versions are seeded ones again. Returns the
   * number of changed rows; `onProgress` receives it while it grows.
   */
  resetPreview(onProgress?: (rows: number) => void): Promise<number>
}

const OF_SOURCES = { get: true, list: true, replace: true, ledger: true, findings: true } as const
const OF_SETS = {
  pointer: true,
  move: true,
  moves: true,
  put: true,
  get: true,
  putProof: true,
  proof: true,
  stored: true,
  keep: true,
  remove: true,
} as const

const pauseFor: Pause = (ms, signal) => setTimeout(ms, undefined, { signal })

/** Both stores on the platform's table and bucket. Many processes may use them at once. */
export function openAwsStore(options: AwsStoreOptions): AwsStore {
  const { now = Date.now, random = Math.random, newId = randomUUID } = options
  const { textCacheBytes = 64 * 1024 * 1024 } = options
  const memory = new Memory()
  const known = knownTexts(textCacheBytes)
  const opened = (calls: Calls) => {
    const table = new Table(options.dynamodb, options.table, calls)
    const transactions = new Transactions(options.dynamodb, calls)
    const objects = new Objects(options.s3, options.bucket, calls)
    const texts = new Texts(objects, known)
    const seeded = new SeededPrompts(table, texts, memory)
    const prompts = createAwsPrompts({ table, transactions, texts, seeded, memory, now })
    return {
      prompts,
      sources: deferred<SourceStore>(OF_SOURCES, async () => {
        const { createAwsSources } = await import('./on-demand.ts')
        return createAwsSources({ table, transactions, newId })
      }),
      sets: deferred<SetStore>(OF_SETS, async () => {
        const { createAwsSets } = await import('./on-demand.ts')
        return createAwsSets({ table, transactions, objects, now })
      }),
      reads: createAwsReads({ table, dynamodb: options.dynamodb, calls, newId }),
      table,
      seeded,
    }
  }
  const { pause = pauseFor, retries } = options
  const calls = new Calls({ random, pause, retries })
  const { prompts, sources, sets, reads, table, seeded } = opened(calls)
  return {
    prompts,
    sources,
    sets,
    reads,
    within: (budget) => opened(calls.within(budget)),
    async adoptSeeded(adopting) {
      const { adoptSeeded } = await import('./on-demand.ts')
      return await adoptSeeded({ prompts, table, seeded, now, newId }, adopting)
    },
    async resetPreview(onProgress) {
      const { resetPreview } = await import('./on-demand.ts')
      return await resetPreview(table, onProgress)
    },
  }
}
