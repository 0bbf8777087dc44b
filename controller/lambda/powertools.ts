import { Logger } from '@aws-lambda-powertools/logger'
import type { LogLevel } from '@aws-lambda-powertools/logger/types'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { type PassReport, summaryOf } from '../pass/pass-report.ts'
import type { ControllerObserver, Tick } from './observer.ts'

export interface PowertoolsOptions {
  /** The name of the function: the only dimension of the metrics, as each further one multiplies their price. */
  readonly service: string
  readonly logLevel: LogLevel
}

/** The registry's own, so that one place shows both. */
const NAMESPACE = 'PromptRegistry'

/** A look that found nothing is no news. */
const LEVELS = {
  synced: 'info',
  unchanged: 'debug',
  suspended: 'debug',
  held: 'warn',
  incomplete: 'warn',
  failed: 'error',
} as const satisfies Record<PassReport['result'], string>

/**
 * A log line for each tick that started something, each pass that was more than a look, and each delivery. Metrics:
 * of a tick `Overdue` (seconds), of a pass `Passes`, `CompletePasses`, `FailedPasses`, `PassDuration` and
 * `Quarantined`, of a delivery `Deliveries`, of trouble `Problems`.
 */
export function createPowertoolsObserver({ service, logLevel }: PowertoolsOptions): ControllerObserver {
  const logger = new Logger({ serviceName: service, logLevel })
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: service })
  const count = (name: string, value: number) => metrics.addMetric(name, MetricUnit.Count, value)
  return {
    begin: (requestId) => logger.appendKeys({ request_id: requestId }),
    ticked(tick) {
      logger[tick.due.length > 0 || tick.overdue?.length ? 'info' : 'debug']('tick', tickLine(tick))
      if (tick.overdue !== undefined) {
        const longestMs = tick.overdue[0]?.ms ?? 0
        metrics.addMetric('Overdue', MetricUnit.Seconds, Math.round(longestMs / 1000))
      }
      // Zeros too: an alarm then sees that all is well, and not that there is no data.
      count('Problems', 0)
      metrics.publishStoredMetrics()
    },
    passed(report) {
      const { result, kind } = report
      logger[LEVELS[result]](`pass ${result}`, passLine(report))
      metrics.addMetadata('source', report.source)
      metrics.addMetadata('result', result)
      metrics.addMetadata('kind', kind)
      count('Passes', 1)
      count('CompletePasses', result === 'synced' || result === 'unchanged' ? 1 : 0)
      count('FailedPasses', result === 'failed' ? 1 : 0)
      metrics.addMetric('PassDuration', MetricUnit.Milliseconds, summaryOf(report).duration_ms)
      count('Quarantined', report.counts.quarantined ?? 0)
      metrics.publishStoredMetrics()
    },
    delivered({ path, status }) {
      logger.info('delivery', { path, status })
      metrics.addMetadata('status', String(status))
      count('Deliveries', 1)
      count('Problems', 0)
      metrics.publishStoredMetrics()
    },
    problem(message, error) {
      logger.error(message, { error })
      count('Problems', 1)
      metrics.publishStoredMetrics()
    },
  }
}

function tickLine({ due, overdue }: Tick) {
  return { due, ...(overdue !== undefined && { overdue: overdue.slice(0, 20) }) }
}

function passLine(report: PassReport) {
  const { times: _, message: reason, ...summary } = summaryOf(report)
  return { source: report.source, ...summary, reason, findings: report.findings.length }
}
