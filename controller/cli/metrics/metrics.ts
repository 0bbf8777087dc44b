import { AggregatorRegistry, collectDefaultMetrics, type OpenMetricsContentType, Registry } from 'prom-client'
import { createPassMetrics, type PassMetrics } from './pass-metrics.ts'
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts'

/** The metrics of a process. */
export interface Metrics {
  readonly requests: RequestMetrics
  readonly passes: PassMetrics
  /** The requests are answered by other threads, whose metrics `read` returns. */
  readonly addWorkers: (read: () => Promise<readonly ThreadMetrics[]>) => void
  /** The metrics in the OpenMetrics text format. */
  readonly answer: () => Promise<Response>
}

/** The measurements of a thread, in a form that another thread can receive. */
export type ThreadMetrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** The metrics of this process: of requests, of passes, and those of Node, such as the delay of the event loop. */
export function createMetrics(): Metrics {
  const register = newRegister()
  let readWorkers: (() => Promise<readonly ThreadMetrics[]>) | undefined
  return {
    requests: createRequestMetrics(register),
    passes: createPassMetrics(register),
    addWorkers(read) {
      readWorkers = read
    },
    async answer() {
      const shown = readWorkers === undefined ? register : await withWorkers(register, await readWorkers())
      const headers = { 'content-type': register.contentType, 'cache-control': 'no-store' }
      return new Response(await shown.metrics(), { headers })
    },
  }
}

/** The metrics of a thread that answers requests. */
export function createWorkerMetrics(): Pick<Metrics, 'requests'> & { read(): Promise<ThreadMetrics> } {
  const register = newRegister()
  return {
    requests: createRequestMetrics(register),
    // Each thread would report those of the whole process.
    read: async () => (await register.getMetricsAsJSON()).filter(({ name }) => !name.startsWith('process_')),
  }
}

function newRegister(): Registry<OpenMetricsContentType> {
  const register = new Registry<OpenMetricsContentType>()
  register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  collectDefaultMetrics({ register })
  return register
}

function summable(metric: ThreadMetrics[number]): ThreadMetrics[number] {
  return {
    ...metric,
    // The library removes the suffix before it prints OpenMetrics, and from a sum it would not.
    name: metric.name.replace(/_total$/, ''),
    // It drops what has no sum, such as the start of the process.
    aggregator: metric.aggregator === 'omit' ? 'first' : metric.aggregator,
  }
}

/** Sums over all threads. The event loop is that of the workers, because nobody waits for the one of passes. */
async function withWorkers(
  register: Registry<OpenMetricsContentType>,
  workers: readonly ThreadMetrics[],
): Promise<Registry<OpenMetricsContentType>> {
  const own = (await register.getMetricsAsJSON()).filter(({ name }) => !name.startsWith('nodejs_eventloop_'))
  const all = AggregatorRegistry.aggregate<OpenMetricsContentType>(
    [own, ...workers].map((metrics) => metrics.map(summable)),
  )
  all.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return all
}
