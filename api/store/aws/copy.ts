import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { RegistryReader } from '../copy.ts'
import { Calls } from './calls.ts'
import { fillTable, stateForRestore, type TableState } from './copy-in.ts'
import { createTableReader } from './copy-out.ts'
import type { AwsStoreOptions } from './index.ts'
import { Memory } from './memory.ts'
import { Objects } from './objects.ts'
import { SeededPrompts } from './seeded.ts'
import { createAwsSets } from './sets.ts'
import { createAwsSources } from './sources.ts'
import { Table } from './table.ts'
import { knownTexts, Texts } from './texts.ts'
import { Transactions } from './transactions.ts'

export type { TableState } from './copy-in.ts'

export type AwsCopyOptions = Required<
  Pick<AwsStoreOptions, 'table' | 'bucket' | 'dynamodb' | 's3' | 'now' | 'random'>
>

/** A registry on AWS, to copy it as a whole. */
export interface AwsCopy {
  reader(): RegistryReader
  stateForRestore(archive: string): Promise<TableState>
  fill(reader: RegistryReader, archive: string): Promise<void>
}

const TEXT_CACHE_BYTES = 8 * 1024 * 1024

/** Apart from the store, so that the functions on AWS do not contain it. */
export function openAwsCopy({ table: name, bucket, dynamodb, s3, now, random }: AwsCopyOptions): AwsCopy {
  const pause = (ms: number, signal?: AbortSignal) => setTimeout(ms, undefined, { signal })
  const calls = new Calls({ random, pause })
  const memory = new Memory()
  const table = new Table(dynamodb, name, calls)
  const transactions = new Transactions(dynamodb, calls)
  const objects = new Objects(s3, bucket, calls)
  const texts = new Texts(objects, knownTexts(TEXT_CACHE_BYTES))
  const seeded = new SeededPrompts(table, texts, memory)
  const storage = { table, transactions, texts, seeded, memory, now }
  return {
    reader: () =>
      createTableReader(
        storage,
        createAwsSources({ table, transactions, newId: randomUUID }),
        createAwsSets({ table, transactions, objects, now }),
      ),
    stateForRestore: (archive) => stateForRestore(storage, archive),
    fill: (reader, archive) => fillTable(storage, reader, archive),
  }
}
