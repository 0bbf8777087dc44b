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
  readonly offRelease: (source: string, count: number) => void
  readonly gitCall: ObserveGitCall
  readonly notified: (receiver: string, result: 'delivered' | 'failed') => void
  readonly quotas: (place: string, quotas: readonly Quota[]) => void
  /** `fetch`, with its requests counted by host and status. */
  readonly countingFetch: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
}

/** The metrics of passes, and of the repositories and APIs that they read. */
export function createPassMetrics(register: Registry<OpenMetricsContentType>): PassMetrics {
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `prompt_registry_${name}`, help, labelNames, registers: [register] })
  const gauge = (name: string, help: string, labelNames: string[]) =>
    new Gauge({ name: `prompt_registry_${name}`, help, labelNames, registers: [register] })

  const passes = counter('passes_total', 'Passes of this process, by source and result.', [
    'source',
    'result',
  ])
  const durations = new Histogram({
    name: 'prompt_registry_pass_duration_seconds',
    help: 'Duration of passes.',
    buckets: PASS_BUCKETS,
    registers: [register],
  })
  const complete = gauge(
    'last_complete_pass_timestamp_seconds',
    'Unix time of the last complete pass of a source; 0 if it never had one.',
    ['source'],
  )
  const findings = gauge('findings', 'Findings of a source, by code.', ['source', 'code'])
  const offRelease = gauge(
    'off_release_prompts',
    'Prompts of a source whose stable version is not that of their highest release.',
    ['source'],
  )
  const gitCalls = counter(
    'git_calls_total',
    'Calls of repositories, by call and result: ok or the code of the error.',
    ['call', 'result'],
  )
  const apiRequests = counter(
    'api_requests_total',
    'Requests of the controller to APIs, by host and status; the status is error if there was no response.',
    ['host', 'status'],
  )
  const notifications = counter(
    'notifications_total',
    'Attempts to notify a receiver of events, by result: delivered or failed.',
    ['receiver', 'result'],
  )
  const remaining = gauge(
    'api_quota_remaining',
    'Requests left in the quota of a git host, by place and resource.',
    ['place', 'resource'],
  )
  const limit = gauge('api_quota_limit', 'Size of the quota of a git host, by place and resource.', [
    'place',
    'resource',
  ])
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
    offRelease: (source, count) => offRelease.set({ source }, count),
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
