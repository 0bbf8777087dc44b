import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { LogLevel } from '../config.ts'
import type { FinishedRequest, Observer } from './observer.ts'

export interface RegistryPowertoolsOptions {
  /** The function name: the only dimension of the metrics, because each further one multiplies their cost. */
  readonly service: string
  readonly logLevel: LogLevel
}

export const METRICS_NAMESPACE = 'PromptRegistry'

const RESOLVES: readonly string[] = ['resolvePrompt', 'resolvePrompts']

/**
 * Writes one log line per write or refused request (reads only at level DEBUG), and one line of embedded metrics
 * per request: `Requests`, `ResolveLatency`, `Promotions`, `Errors`.
 */
export function createPowertoolsObserver({ service, logLevel }: RegistryPowertoolsOptions): Observer {
  const logger = new Logger({ serviceName: service, logLevel })
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service })
  return {
    error: (message, facts) => logger.error(message, facts),
    info: (message, facts) => logger.info(message, facts),
    finished(request) {
      const quiet = request.method === 'GET' || request.method === 'HEAD'
      logger[quiet && request.status < 400 ? 'debug' : 'info']('request', logLine(request))
      const { operation, status, durationMs, promotions } = request
      metrics.addMetadata('operation', operation)
      metrics.addMetric('Requests', MetricUnit.Count, 1)
      // Reports zeros too, so that an alarm can distinguish "no errors" from "no data".
      metrics.addMetric('Errors', MetricUnit.Count, status >= 500 ? 1 : 0)
      if (RESOLVES.includes(operation))
        metrics.addMetric('ResolveLatency', MetricUnit.Milliseconds, durationMs)
      if (promotions > 0) metrics.addMetric('Promotions', MetricUnit.Count, promotions)
      metrics.publishStoredMetrics()
    },
  }
}

function logLine(request: FinishedRequest) {
  return {
    request_id: request.requestId,
    actor: request.actor,
    method: request.method,
    path: request.path,
    operation: request.operation,
    status: request.status,
    duration_ms: Math.round(request.durationMs * 10) / 10,
  }
}
