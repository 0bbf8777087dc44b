import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { StoreWrites } from '../../../api/store/sqlite/index.ts'
import type { StoreWriterCalls, StoreWriterData } from './store-writer.ts'
import { remoteWrites, type WriteCalls } from './store-writes.ts'
import { connectThread } from './thread-calls.ts'

/** A thread that carries out the writes of all others, so that they share commits and nobody waits for the disk. */
export interface StoreWriter {
  /** The writes of this thread. */
  readonly writes: StoreWrites
  /** For the writes of the workers, one each. */
  readonly ports: readonly MessagePort[]
  /** Call it when all writes are done. */
  end(): Promise<void>
}

export interface StoreWriterInput extends Omit<StoreWriterData, 'ports'> {
  readonly workers: number
  readonly onFailure: (error: unknown) => void
}

/** The entry next to this file, in the sources and in the bundle. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './store-writer.ts' : './store-writer.js',
  import.meta.url,
)

export function startStoreWriter({ file, trouble, workers, onFailure }: StoreWriterInput): StoreWriter {
  const channels = Array.from({ length: 1 + workers }, () => new MessageChannel())
  const [ours, ...ports] = channels.map(({ port1 }) => port1) as [MessagePort, ...MessagePort[]]
  const theirs = channels.map(({ port2 }) => port2)
  const thread = new Worker(ENTRY, {
    workerData: { file, trouble, ports: theirs } satisfies StoreWriterData,
    transferList: theirs,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const { call, fail } = connectThread<StoreWriterCalls>(thread, {})
  thread.once('error', (error) => {
    fail(error)
    onFailure(error)
  })
  return {
    writes: remoteWrites(connectThread<WriteCalls>(ours, {}).call),
    ports,
    async end() {
      await Promise.allSettled([call('close', undefined)])
      await thread.terminate()
    },
  }
}
