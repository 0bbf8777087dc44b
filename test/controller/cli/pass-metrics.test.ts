import { describe, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../../controller/cli/metrics/index.ts'
import { unsettled } from '../../../controller/state/next-state.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { parseOpenMetrics } from '../../support/open-metrics.ts'

const REPORT: PassReport = {
  ...{ source: 'demo', result: 'synced', kind: 'full', commit: null, message: null, cause: null },
  ...{ started_at: '2026-01-01T00:00:00Z', finished_at: '2026-01-01T00:00:02Z', findings: [], news: [] },
  counts: { pushed: 3, quarantined: 2, held: 0 },
}
const COMPLETE = 'prompt_registry_last_complete_pass_timestamp_seconds'

/** The samples of a family, as `label value …: number`. */
async function samplesOf({ answer }: Metrics, family: string): Promise<readonly string[]> {
  const families = parseOpenMetrics(await (await answer()).text())
  return (families.get(family)?.samples ?? []).map(
    ({ labels, value }) => `${Object.values(labels).join(' ')}: ${value}`,
  )
}

describe('the metrics of a source', () => {
  test('have the findings of its last report, and nothing else of its counts', async () => {
    const metrics = createMetrics()
    metrics.passes.passed(REPORT)
    expect(await samplesOf(metrics, 'prompt_registry_findings')).toEqual([
      'demo quarantined: 2',
      'demo held: 0',
    ])
    metrics.passes.passed({ ...REPORT, counts: { drifted: 1 } })
    expect(await samplesOf(metrics, 'prompt_registry_findings')).toEqual(['demo drifted: 1'])
  })

  test('keep the findings and the time of the last complete pass while passes fail', async () => {
    const metrics = createMetrics()
    metrics.passes.passed(REPORT)
    const failed = {
      ...REPORT,
      result: 'failed',
      counts: { pass_failed: 1 },
      finished_at: '2026-01-02T00:00:00Z',
    } as const
    metrics.passes.passed(failed)
    expect(await samplesOf(metrics, 'prompt_registry_findings')).toContain('demo quarantined: 2')
    expect(await samplesOf(metrics, 'prompt_registry_findings')).toContain('demo pass_failed: 1')
    expect(await samplesOf(metrics, COMPLETE)).toEqual([`demo: ${Date.parse(REPORT.finished_at) / 1000}`])
  })

  test('have no time of a complete pass while it is suspended, so that no alert goes off', async () => {
    const metrics = createMetrics()
    metrics.passes.passed(REPORT)
    metrics.passes.passed({ ...REPORT, result: 'suspended', counts: {} })
    expect(await samplesOf(metrics, COMPLETE)).toEqual([])
  })

  test('begin with its stored state, which never replaces a report', async () => {
    const metrics = createMetrics()
    const state = {
      ...unsettled('digest', 0, 0),
      complete_at: '2025-01-01T00:00:00Z',
      finding_counts: { refused: 1 },
    }
    metrics.passes.known('demo', state)
    metrics.passes.known('new', null)
    expect(await samplesOf(metrics, COMPLETE)).toEqual([
      `demo: ${Date.parse(state.complete_at) / 1000}`,
      'new: 0',
    ])
    expect(await samplesOf(metrics, 'prompt_registry_findings')).toEqual(['demo refused: 1'])
    metrics.passes.passed(REPORT)
    metrics.passes.known('demo', state)
    expect(await samplesOf(metrics, 'prompt_registry_findings')).not.toContain('demo refused: 1')
  })
})

test('requests to APIs are counted by host and status, with those that fail', async () => {
  const metrics = createMetrics()
  const good = metrics.passes.countingFetch(async () => new Response('', { status: 403 }))
  expect((await good('https://api.github.com/repos/acme/prompts?page=2')).status).toBe(403)
  await good(new Request('https://api.github.com/graphql'))
  const bad = metrics.passes.countingFetch(async () => {
    throw new TypeError('fetch failed')
  })
  await expect(bad(new URL('https://ghe.example.com/x'))).rejects.toThrow('fetch failed')
  expect(await samplesOf(metrics, 'prompt_registry_api_requests')).toEqual([
    'api.github.com 403: 2',
    'ghe.example.com error: 1',
  ])
})

test('quotas are the newest of each place', async () => {
  const metrics = createMetrics()
  const quota = { resource: 'core', limit: 5000, remaining: 9, resetAt: '' }
  metrics.passes.quotas('github.com/acme', [quota, { ...quota, resource: 'graphql' }])
  metrics.passes.quotas('github.com/acme', [{ ...quota, remaining: 8 }])
  expect(await samplesOf(metrics, 'prompt_registry_api_quota_remaining')).toEqual([
    'github.com/acme core: 8',
    'github.com/acme graphql: 9',
  ])
})
