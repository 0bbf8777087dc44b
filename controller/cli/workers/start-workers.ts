import { Worker } from 'node:worker_threads'
import type { MountedHandler } from '../../../api/http/beside.ts'
import { type ListenOptions, listen, type RunningServer } from '../../../api/http/node.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import type { ThreadMetrics } from '../metrics/index.ts'
import { answerForwarded, type ForwardedRequest } from './forwarded.ts'
import { type CallThread, connectThread } from './thread-calls.ts'
import type { MainCalls, WorkerCalls, WorkerData } from './worker.ts'

/** Threads that serve the registry over HTTP, each with its own connection to the file. */
export interface HttpWorkers {
  /** Rejects if the address is not available. */
  listen(address: ListenOptions): Promise<RunningServer>
  readonly metrics: () => Promise<readonly ThreadMetrics[]>
}

export interface WorkersInput extends Omit<WorkerData, 'forwarded'> {
  readonly count: number
  /** The handlers that answer in this thread. */
  readonly beside: readonly MountedHandler[]
  readonly calls: Omit<MainCalls, 'forward'>
  /** A worker failed, and the others cannot replace it. */
  readonly onFailure: (error: unknown) => void
  /** The signal aborts when no pass follows a webhook any more. */
  readonly runtime: Pick<CliRuntime, 'env' | 'signal'>
}

interface RunningWorker {
  readonly thread: Worker
  readonly call: CallThread<WorkerCalls>
}

/** The threads end when the server closes, or could not listen. */
export function startWorkers(input: WorkersInput): HttpWorkers {
  const workers = Array.from({ length: input.count }, () => startWorker(input))
  const callAll = <Name extends keyof WorkerCalls>(name: Name, argument: Parameters<WorkerCalls[Name]>[0]) =>
    Promise.all(workers.map(({ call }) => call(name, argument)))
  input.runtime.signal.addEventListener('abort', () => void callAll('stopWatching', undefined), {
    once: true,
  })
  const end = async () => void (await Promise.all(workers.map(({ thread }) => thread.terminate())))
  return {
    metrics: () => callAll('metrics', undefined),
    async listen(address) {
      try {
        const shared = input.count === 1 ? address : await sharedAddress(address)
        const [url = ''] = await callAll('listen', shared)
        return {
          url,
          async close() {
            await Promise.allSettled(workers.map(({ call }) => call('close', undefined)))
            await end()
          },
        }
      } catch (error) {
        await end()
        throw error
      }
    },
  }
}

/** The entry next to this file, in the sources and in the bundle. */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

function startWorker({ beside, calls, runtime, onFailure, ...input }: WorkersInput): RunningWorker {
  const { config, registry, trouble } = input
  const forwarded = beside.map(({ prefix, root = false }) => ({ prefix, root }))
  const thread = new Worker(ENTRY, {
    workerData: { config, registry, trouble, forwarded } satisfies WorkerData,
    // A thread turns undefined into a string.
    env: Object.fromEntries(Object.entries(runtime.env).filter(([, value]) => value !== undefined)),
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const { call, fail } = connectThread<WorkerCalls>(thread, {
    ...calls,
    forward: (request: ForwardedRequest) => answerForwarded(beside, request),
  } satisfies MainCalls)
  thread.once('error', (error) => {
    fail(error)
    onFailure(error)
  })
  return { thread, call }
}

/**
 * An address at which several threads can listen. The system would let another process of this account listen there
 * too, so this takes the port alone first, and fails if it is in use.
 */
async function sharedAddress(address: ListenOptions): Promise<ListenOptions> {
  const probe = await listen({ fetch: () => new Response() }, address)
  await probe.close()
  return { ...address, port: Number(new URL(probe.url).port), reusePort: true }
}
