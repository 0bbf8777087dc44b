import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../../controller/cli/metrics/index.ts'
import { FINDING_CODES, type FindingCode } from '../../controller/findings/finding.ts'
import type { PassReport } from '../../controller/state/pass-report.ts'
import { parseOpenMetrics } from '../support/open-metrics.ts'

const read = (name: string) => readFileSync(`docs/${name}`, 'utf8')
const page = read('monitoring.md')

interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly annotations: { readonly summary: string }
}

const rules = (parse(read('monitoring/alerts.yaml')) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(
  (group) => group.rules,
)

interface Dashboard {
  readonly panels: readonly { title: string; targets: readonly { expr: string; legendFormat: string }[] }[]
}
const { panels } = JSON.parse(read('monitoring/grafana-dashboard.json')) as Dashboard
const targets = panels.flatMap((panel) => panel.targets)

const REPORT: PassReport = {
  ...{ source: 'demo', result: 'synced', kind: 'full', commit: null, message: null, cause: null },
  ...{ started_at: '2026-01-01T00:00:00Z', finished_at: '2026-01-01T00:00:01Z', findings: [], news: [] },
  counts: { quarantined: 1 },
}

/** By the name of a sample, the labels that it has, in a process that did one of everything. */
async function exposed(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { requests, passes, answer } = createMetrics()
  requests.observe({ method: 'GET', route: '/prompts/{ref}', status: 200, seconds: 0.001 })
  requests.readHits(new Map([['/prompts/{ref}', { sent: 1, unchanged: 1 }]]))
  passes.passed(REPORT)
  passes.gitCall('open', 'ok')
  passes.offRelease('demo', 1)
  passes.notified('hooks.example.com', 'failed')
  passes.quotas('github.com/acme', [{ resource: 'core', limit: 5000, remaining: 1, resetAt: '' }])
  await passes.countingFetch(async () => new Response())('https://api.github.com/x')
  const families = parseOpenMetrics(await (await answer()).text())
  return new Map(
    [...families.values()].flatMap(({ samples }) =>
      samples.map(({ name, labels }) => [name, Object.keys(labels)]),
    ),
  )
}

const METRIC = /\b(?:prompt_registry|nodejs|process)_\w+/g
/** Labels that Prometheus adds to every sample of a target. */
const OF_TARGET = ['job', 'instance']

/** The names in an expression that no process exposes, and the labels that its metrics lack. */
function unknownIn(expression: string, known: ReadonlyMap<string, readonly string[]>): string[] {
  const names = [...expression.matchAll(METRIC)].map(([name]) => name)
  const labels = new Set([...OF_TARGET, ...names.flatMap((name) => known.get(name) ?? [])])
  const matched = [...expression.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label)
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, */))
  return [
    ...names.filter((name) => !known.has(name)),
    ...[...matched, ...grouped].filter((label) => !labels.has(label)),
  ]
}

test('the dashboard and the alerts use only metrics and labels that exist', async () => {
  const known = await exposed()
  const expressions = [...targets, ...rules].map(({ expr }) => expr)
  expect(expressions.length).toBeGreaterThan(20)
  expect(expressions.flatMap((expression) => unknownIn(expression, known))).toEqual([])
  expect(unknownIn('sum by (nosuch) (prompt_registry_findings_total{code="x"})', known)).toEqual([
    'prompt_registry_findings_total',
    'code',
    'nosuch',
  ])
})

test('a legend and a summary name only labels that the result of their expression has', () => {
  const wrong = [
    ...targets.map(({ expr, legendFormat }) => [expr, legendFormat] as const),
    ...rules.map(({ expr, annotations }) => [expr, annotations.summary.replaceAll('$labels.', '')] as const),
  ].flatMap(([expr, text]) => {
    const [, by = ''] = /\bby \(([^)]*)\)/.exec(expr) ?? []
    const kept = [...by.split(/, */), 'job', 'instance', '$value']
    const named = [...text.matchAll(/\{\{ ?(\$?\w+) ?\}\}/g)].map(([, name = '']) => name)
    return named.filter((name) => !kept.includes(name)).map((name) => `${expr}: ${name}`)
  })
  expect(wrong).toEqual([])
})

test('the dashboard shows every metric of ours', async () => {
  const ours = [...(await exposed()).keys()].filter((name) => name.startsWith('prompt_registry_'))
  const shown = targets.map(({ expr }) => expr).join('\n')
  const families = new Set(ours.map((name) => name.replace(/_(bucket|sum|count)$/, '')))
  expect([...families].filter((family) => !shown.includes(family))).toEqual([])
})

test('the alert for findings names every code that is a problem, but that of a failed pass', () => {
  const codes = Object.keys(FINDING_CODES) as FindingCode[]
  const problems = codes.filter((code) => FINDING_CODES[code][0] === 'problem')
  const { expr = '' } = rules.find(({ alert }) => alert === 'PromptSourceNeedsAPerson') ?? {}
  const [, list = ''] = /code=~"([^"]+)"/.exec(expr) ?? []
  // They resolve by themselves in later passes.
  const passing = ['pass_failed', 'signatures_pending']
  expect(list.split('|')).toEqual(problems.filter((code) => !passing.includes(code)))
})

describe('docs/monitoring.md', () => {
  test('lists every metric of ours with its labels', async () => {
    const rows = [...page.matchAll(/^\| `(prompt_registry_\w+)` \| (.*?) \|/gm)].map(
      ([, name = '', labels = '']) => [name, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)],
    )
    const known = await exposed()
    const families = [...known]
      .filter(([name]) => /^prompt_registry_(?!.*_(?:bucket|sum)$)/.test(name))
      .map(([name, labels]) => [name.replace(/_count$/, ''), labels])
    expect(rows.toSorted()).toEqual(families.toSorted())
  })

  test('says what to do for every alert', () => {
    const rows = [...page.matchAll(/^\| `(Prompt\w+)` \|/gm)].map(([, name]) => name)
    expect(rows).toEqual(rules.map(({ alert }) => alert))
  })
})
