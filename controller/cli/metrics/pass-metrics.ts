import { Counter, Gauge, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client'
import { FINDING_CODES, type FindingCode, isFindingCode } from '../../findings/finding.ts'
import type { Quota } from '../../source/git-source.ts'
import { type PassReport, storedReport } from '../../state/pass-report.ts'
import type { SourceState } from '../../state/source-state.ts'
import type { ObserveGitCall } from '../../watch/observed-source.ts'

/** Seconds. A pass with nothing to do takes less than one, a first pass minutes. */
const PASS_BUCKETS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]

export interface PassMetrics {
  /** The state of a source before the first pass of this process; `null` if it never had one. */
  readonly known: (source: string, state: SourceState | null) => void
  readonly passed: (report: PassReport) => void
  readonly gitCall: ObserveGitCall
  readonly notified: (receiver: string, result: 'delivered' | 'failed') => void
  readonly quotas: (place: string, quotas: readonly Quota[]) => void
  /** `fetch`, with its requests counted by host and status. */
  readonly countingFetch: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
}

/** The metrics of passes, and of the repositories and APIs that they read. */
export function createPassMetrics(register: Registry<OpenMetricsContentType>): PassMetrics {
  const registers = [register]
  const passes = new Counter({
    name: 'prompt_registry_passes_total',
    help: 'Passes of this process, by source and result.',
    labelNames: ['source', 'result'],
    registers,
  })
  const durations = new Histogram({
    name: 'prompt_registry_pass_duration_seconds',
    help: 'Duration of passes.',
    buckets: PASS_BUCKETS,
    registers,
  })
  const complete = new Gauge({
    name: 'prompt_registry_last_complete_pass_timestamp_seconds',
    help: 'Unix time of the last complete pass of a source; 0 if it never had one.',
    labelNames: ['source'],
    registers,
  })
  const findings = new Gauge({
    name: 'prompt_registry_findings',
    help: 'Findings of a source, by code.',
    labelNames: ['source', 'code'],
    registers,
  })
  const gitCalls = new Counter({
    name: 'prompt_registry_git_calls_total',
    help: 'Calls of repositories, by call and result: ok or the code of the error.',
    labelNames: ['call', 'result'],
    registers,
  })
  const apiRequests = new Counter({
    name: 'prompt_registry_api_requests_total',
    help: 'Requests of the controller to APIs, by host and status; the status is error if there was no response.',
    labelNames: ['host', 'status'],
    registers,
  })
  const notifications = new Counter({
    name: 'prompt_registry_notifications_total',
    help: 'Attempts to notify a receiver of events, by result: delivered or failed.',
    labelNames: ['receiver', 'result'],
    registers,
  })
  const remaining = new Gauge({
    name: 'prompt_registry_api_quota_remaining',
    help: 'Requests left in the quota of a git host, by place and resource.',
    labelNames: ['place', 'resource'],
    registers,
  })
  const limit = new Gauge({
    name: 'prompt_registry_api_quota_limit',
    help: 'Size of the quota of a git host, by place and resource.',
    labelNames: ['place', 'resource'],
    registers,
  })
  const setFindings = (source: string, counts: Readonly<Record<string, number>>) => {
    for (const code of Object.keys(FINDING_CODES) as FindingCode[])
      if (counts[code] === undefined) findings.remove(source, code)
    for (const [code, count] of Object.entries(counts))
      if (isFindingCode(code)) findings.set({ source, code }, count)
  }
  const passed = new Set<string>()
  return {
    known(source, state) {
      if (passed.has(source)) return
      complete.set({ source }, seconds(state?.complete_at ?? null))
      if (state !== null) setFindings(source, state.finding_counts)
    },
    passed(report) {
      const { source, result, counts, finished_at } = report
      passed.add(source)
      passes.inc({ source, result })
      durations.observe(storedReport(report).duration_ms / 1000)
      if (result === 'synced' || result === 'unchanged') complete.set({ source }, seconds(finished_at))
      if (result === 'suspended') complete.remove(source)
      // A failed pass could not check the other findings, and a suspended source is not checked.
      if (result === 'failed') findings.set({ source, code: 'pass_failed' }, 1)
      else if (result !== 'suspended') setFindings(source, counts)
    },
    notified: (receiver, result) => notifications.inc({ receiver, result }),
    gitCall: (call, result) => gitCalls.inc({ call, result }),
    quotas(place, quotas) {
      for (const quota of quotas) {
        const labels = { place, resource: quota.resource }
        remaining.set(labels, quota.remaining)
        limit.set(labels, quota.limit)
      }
    },
    countingFetch: (fetch) => async (input, init) => {
      const host = new URL(input instanceof Request ? input.url : input).host
      try {
        const response = await fetch(input, init)
        apiRequests.inc({ host, status: String(response.status) })
        return response
      } catch (error) {
        apiRequests.inc({ host, status: 'error' })
        throw error
      }
    },
  }
}

function seconds(time: string | null): number {
  return time === null ? 0 : Date.parse(time) / 1000
}
