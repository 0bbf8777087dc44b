import { expect, onTestFinished, test, vi } from 'vitest'
import { createPowertoolsObserver } from '../../../controller/lambda/powertools.ts'
import { failureReport, type PassReport } from '../../../controller/pass/pass-report.ts'

const NOW = Date.parse('2026-06-01T12:00:00Z')

/** What one observer wrote, line by line, as Lambda's log has it. */
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
  return { ...failureReport('support', 'It did not work.', NOW, NOW + 1500), message: null, result, ...more }
}

test('a tick counts how long the longest source is overdue, also where none is', () => {
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

test('a tick that cannot tell counts nothing overdue, so that its silence is heard', () => {
  const { observer, parsed } = observed()
  observer.ticked({ due: [], overdue: undefined })
  expect(parsed()[0]).not.toHaveProperty('Overdue')
})

test.each([
  ['synced', 'INFO', 1, 0],
  ['held', 'WARN', 0, 0],
  ['incomplete', 'WARN', 0, 0],
  ['failed', 'ERROR', 0, 1],
] as const)('a pass that was %s is a line at level %s and counted', (result, level, complete, failed) => {
  const { observer, parsed } = observed()
  observer.passed(report(result, { counts: { pushed: 2, quarantined: 3 }, message: 'why' }))
  expect(parsed()).toMatchObject([
    {
      level,
      message: `pass ${result}`,
      source: 'support',
      reason: 'why',
      counts: { pushed: 2 },
      duration_ms: 1500,
    },
    {
      ...{ Passes: 1, CompletePasses: complete, FailedPasses: failed, PassDuration: 1500, Quarantined: 3 },
      ...{ source: 'support', result },
    },
  ])
})

test('a look that found nothing is counted as complete, and no line of the log', () => {
  const { observer, parsed } = observed()
  observer.passed(report('unchanged'))
  expect(parsed()).toMatchObject([{ Passes: 1, CompletePasses: 1, FailedPasses: 0 }])
})

test('a delivery and a problem are told and counted', () => {
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
