import { randomUUID } from 'node:crypto'
import { toResponse } from '../../../api/http/answer.ts'
import type { MountedHandler } from '../../../api/http/beside.ts'
import { errorAnswer } from '../../../api/http/errors.ts'
import type { HttpLog } from '../../../api/http/log.ts'
import { type ListenOptions, listen, type RunningServer } from '../../../api/http/node.ts'
import type { EmbeddedRegistry } from '../../../api/server.ts'
import type { Metrics } from './metrics.ts'

export const METRICS_PATH = '/metrics'

/** `GET /metrics` beside the registry, for callers that may read it. */
export function metricsBeside(
  metrics: Metrics,
  { authenticate }: Pick<EmbeddedRegistry, 'authenticate'>,
  log: HttpLog,
): MountedHandler {
  const fetch = metricsHandler(metrics)
  return {
    prefix: METRICS_PATH,
    async fetch(request, env) {
      try {
        authenticate(request, env)
      } catch (error) {
        const { method } = request
        const failed = { requestId: randomUUID(), method, path: METRICS_PATH, kind: 'read' } as const
        return toResponse(errorAnswer(error, failed, log))
      }
      return await fetch(request)
    },
  }
}

/** Serves only the metrics, to everybody who reaches the address. */
export function listenForMetrics(metrics: Metrics, address: ListenOptions): Promise<RunningServer> {
  return listen({ fetch: metricsHandler(metrics) }, address)
}

function metricsHandler(metrics: Metrics): (request: Request) => Promise<Response> {
  return async ({ url, method }) => {
    if (new URL(url).pathname !== METRICS_PATH) return refusal(404, `The metrics are at ${METRICS_PATH}.`)
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'Metrics can only be read. Use GET.')
    return await metrics.answer()
  }
}

function refusal(status: number, sentence: string): Response {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  }
  return new Response(`${sentence}\n`, { status, headers })
}
