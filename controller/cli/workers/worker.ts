import { Writable } from 'node:stream'
import { parentPort, workerData } from 'node:worker_threads'
import type { ListenOptions, RunningServer } from '../../../api/http/node.ts'
import type { Config, EmbeddedConfig } from '../../configuration/config.ts'
import { createWebhookReceiver, type RefusedDelivery, WEBHOOK_PREFIX } from '../../watch/webhook/receiver.ts'
import { openEmbedded } from '../embedded.ts'
import { createWorkerMetrics, type ThreadMetrics } from '../metrics/index.ts'
import { startTracing } from '../tracing/start-tracing.ts'
import { webhookEndpoints } from '../webhooks.ts'
import { type ForwardedRequest, type ForwardedResponse, forwarding } from './forwarded.ts'
import { connectThread } from './thread-calls.ts'

/** The start data of a worker. */
export interface WorkerData {
  readonly config: Config
  readonly registry: EmbeddedConfig
  readonly trouble: SharedArrayBuffer
  /** The handlers of the main thread that are served beside the registry. */
  readonly forwarded: readonly { readonly prefix: string; readonly root?: boolean }[]
}

/** Functions of a worker for the main thread. */
export type WorkerCalls = {
  /** Returns the base URL. */
  readonly listen: (address: ListenOptions) => Promise<string>
  readonly metrics: () => Promise<ThreadMetrics>
  /** From now on, no pass follows a webhook. */
  readonly stopWatching: () => void
  /** Returns once the requests in progress are answered. */
  readonly close: () => Promise<void>
}

/** Functions of the main thread for each worker. */
export type MainCalls = {
  readonly log: (text: string) => void
  readonly refused: (delivery: RefusedDelivery) => void
  readonly lookAgain: (source: string) => boolean
  readonly forward: (request: ForwardedRequest) => Promise<ForwardedResponse>
}

if (parentPort === null) throw new Error('This file is the entry of a worker thread.')
const { config, registry: at, trouble, forwarded } = workerData as WorkerData
let server: RunningServer | undefined
let isWatching = true

const { call } = connectThread<MainCalls>(parentPort, {
  async listen(address: ListenOptions) {
    server = await registry.listen(address, beside)
    return server.url
  },
  metrics: () => metrics.read(),
  stopWatching() {
    isWatching = false
  },
  async close() {
    await server?.close()
    registry.close()
    await tracing?.end()
  },
} satisfies WorkerCalls)

const stderr = new Writable({
  write(text, _encoding, done) {
    void call('log', String(text))
    done()
  },
})
const { env } = process
const tracing = await startTracing({ env, stderr })
const metrics = createWorkerMetrics()
const registry = openEmbedded(
  at,
  { env, stderr, now: Date.now },
  { observe: metrics.requests.observe, tracer: tracing?.request, trouble },
)
metrics.requests.readHits(registry.keptHits)
const receive = createWebhookReceiver({
  endpoints: webhookEndpoints(config, { env }),
  // Not awaited: the host gets its answer while the main thread is busy with a pass.
  hint(source) {
    if (isWatching) void call('lookAgain', source)
    return isWatching
  },
  onRefused: (delivery) => void call('refused', delivery),
})
const beside = [
  { prefix: WEBHOOK_PREFIX, fetch: receive },
  ...forwarded.map((handler) => forwarding(handler, (request) => call('forward', request))),
]
