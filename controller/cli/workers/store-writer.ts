import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { openSqliteStore } from '../../../api/store/sqlite/index.ts'
import { offeredWrites } from './store-writes.ts'
import { connectThread } from './thread-calls.ts'

/** What the writer gets when it starts. */
export interface StoreWriterData {
  readonly file: string
  readonly trouble: SharedArrayBuffer
  /** One for each thread that writes. */
  readonly ports: readonly MessagePort[]
}

/** What the writer offers to the main thread. */
export type StoreWriterCalls = {
  readonly close: () => void
}

if (parentPort === null) throw new Error('This file is the entry of a worker thread.')
const { ports, ...options } = workerData as StoreWriterData
const store = openSqliteStore(options)
const writes = offeredWrites(store)
for (const port of ports) connectThread(port, writes)
connectThread(parentPort, { close: store.close } satisfies StoreWriterCalls)
