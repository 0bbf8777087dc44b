import { collectDefaultMetrics, type OpenMetricsContentType, Registry } from 'prom-client'
import { createPassMetrics, type PassMetrics } from './pass-metrics.ts'
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts'

/** The metrics of a process. */
export interface Metrics {
  readonly requests: RequestMetrics
  readonly passes: PassMetrics
  /** The metrics in the OpenMetrics text format. */
  readonly answer: () => Promise<Response>
}

/** The metrics of this process: of requests, of passes, and those of Node, such as the delay of the event loop. */
export function createMetrics(): Metrics {
  const register = new Registry<OpenMetricsContentType>()
  register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  collectDefaultMetrics({ register })
  return {
    requests: createRequestMetrics(register),
    passes: createPassMetrics(register),
    async answer() {
      const headers = { 'content-type': register.contentType, 'cache-control': 'no-store' }
      return new Response(await register.metrics(), { headers })
    },
  }
}
