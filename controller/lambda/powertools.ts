import { Logger } from '@aws-lambda-powertools/logger'
import type { LogLevel } from '@aws-lambda-powertools/logger/types'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { verdictOf } from '../findings/verdict.ts'
import { type PassReport, storedReport } from '../state/pass-report.ts'
import type { ControllerObserver, Tick } from './observer.ts'

export interface PowertoolsOptions {
  /** The function's name: the only dimension of the metrics, because each further one multiplies their price. */
  readonly service: string
  readonly logLevel: LogLevel
}

/** Shared with the registry, so that one namespace has all metrics. */
const NAMESPACE = 'PromptRegistry'

/**
 * Logs each tick that started a pass, each pass that had something to do, and each delivery. Metrics: `Overdue`
 * (seconds) per tick; `Passes`, `CompletePasses`, `FailedPasses`, `UnreadyPasses` (a person must act),
 * `PassDuration` and `Quarantined` per pass; `Deliveries`; `Problems`.
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
      // Zeros too, so that an alarm can distinguish "no problem" from missing data.
      count('Problems', 0)
      metrics.publishStoredMetrics()
    },
    passed(report) {
      const { result, kind } = report
      logger[levelOf(report)](`pass ${result}`, passLine(report))
      metrics.addMetadata('source', report.source)
      metrics.addMetadata('result', result)
      metrics.addMetadata('kind', kind)
      count('Passes', 1)
      count('CompletePasses', result === 'synced' || result === 'unchanged' ? 1 : 0)
      count('FailedPasses', result === 'failed' ? 1 : 0)
      count('UnreadyPasses', verdictOf(report.counts).exitCode)
      metrics.addMetric('PassDuration', MetricUnit.Milliseconds, storedReport(report).duration_ms)
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
  const { times: _, message: reason, ...fields } = storedReport(report)
  const { source, cause } = report
  return { source, ...fields, reason, ...(cause !== null && { cause }) }
}

/** A pass with nothing to do is logged as `debug`, unless a person must act. */
function levelOf({ result, counts }: PassReport): 'debug' | 'info' | 'warn' | 'error' {
  if (result === 'failed') return 'error'
  const { level } = verdictOf(counts)
  const isIdle = result === 'unchanged' || result === 'suspended'
  return level === 'info' && isIdle ? 'debug' : level
}
