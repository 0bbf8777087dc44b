import { expect, onTestFinished, test, vi } from 'vitest'
import { createPowertoolsObserver } from '../../../controller/lambda/powertools.ts'
import { failureReport, type PassReport } from '../../../controller/state/pass-report.ts'

const NOW = Date.parse('2026-06-01T12:00:00Z')

/** The log lines of one observer. */
function observed() {
  const lines: string[] = []
  for (const stream of [process.stdout, process.stderr]) {
    const write = vi.spyOn(stream, 'write').mockImplementation((text) => {
      lines.push(...String(text).split('\n').filter(Boolean))
      return true
    })
    onTestFinished(() => write.mockRestore())
  }
  const observer = createPowertoolsObserver({ service: 'controller', logLevel: 'INFO' })
  observer.begin('request-1')
  const parsed = () => lines.splice(0).map((line) => JSON.parse(line))
  return { observer, parsed }
}

function report(result: PassReport['result'], more: Partial<PassReport> = {}): PassReport {
  return {
    ...failureReport('support', { message: 'No.', cause: null }, { startedAt: NOW, now: NOW + 1500 }),
    message: null,
    counts: {},
    result,
    ...more,
  }
}

test('a tick reports the longest overdue time, even if it is zero', () => {
  const { observer, parsed } = observed()
  observer.ticked({ due: [], overdue: [] })
  expect(parsed()).toMatchObject([{ service: 'controller', Overdue: 0, Problems: 0 }])
  const overdue = [
    { source: 'a', ms: 90_000 },
    { source: 'b', ms: 1000 },
  ]
  observer.ticked({ due: [['a', 'b']], overdue })
  expect(parsed()).toMatchObject([
    { level: 'INFO', message: 'tick', request_id: 'request-1', due: [['a', 'b']], overdue },
    {
      Overdue: 90,
      _aws: { CloudWatchMetrics: [{ Namespace: 'PromptRegistry', Dimensions: [['service']] }] },
    },
  ])
})

test('a tick without the registry reports no overdue time, so that an alarm sees missing data', () => {
  const { observer, parsed } = observed()
  observer.ticked({ due: [], overdue: undefined })
  expect(parsed()[0]).not.toHaveProperty('Overdue')
})

test.each([
  ['synced', {}, 'INFO', 1, 0, 0],
  ['synced', { held: 1, tag_lower: 2 }, 'INFO', 1, 0, 0],
  ['synced', { quarantined: 3 }, 'WARN', 1, 0, 1],
  ['unchanged', { quarantined: 3 }, 'WARN', 1, 0, 1],
  ['held', { mass_change: 1 }, 'WARN', 0, 0, 1],
  ['incomplete', { failed: 1 }, 'WARN', 0, 0, 1],
  ['failed', { pass_failed: 1 }, 'ERROR', 0, 1, 1],
] as const)(
  'a pass that was %s with %j is a line at level %s and counted',
  (result, found, level, complete, failed, unready) => {
    const { observer, parsed } = observed()
    observer.passed(report(result, { counts: { pushed: 2, ...found }, message: 'why', cause: 'because' }))
    expect(parsed()).toMatchObject([
      {
        level,
        message: `pass ${result}`,
        source: 'support',
        reason: 'why',
        cause: 'because',
        counts: { pushed: 2, ...found },
        duration_ms: 1500,
      },
      {
        ...{ Passes: 1, CompletePasses: complete, FailedPasses: failed, UnreadyPasses: unready },
        ...{ PassDuration: 1500, Quarantined: 'quarantined' in found ? 3 : 0 },
        ...{ source: 'support', result },
      },
    ])
  },
)

test('a pass with nothing to do counts as complete, and is not logged', () => {
  const { observer, parsed } = observed()
  observer.passed(report('unchanged'))
  expect(parsed()).toMatchObject([{ Passes: 1, CompletePasses: 1, FailedPasses: 0 }])
})

test('a delivery and a problem are logged and counted', () => {
  const { observer, parsed } = observed()
  observer.delivered({ path: '/webhooks/a', status: 401 })
  observer.problem('the last good one stays in force', new Error('it is wrong'))
  expect(parsed()).toMatchObject([
    { message: 'delivery', path: '/webhooks/a', status: 401 },
    { Deliveries: 1, Problems: 0 },
    { level: 'ERROR', message: 'the last good one stays in force', error: { message: 'it is wrong' } },
    { Problems: 1 },
  ])
})
