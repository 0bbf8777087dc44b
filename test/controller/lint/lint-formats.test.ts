import { expect, test } from 'vitest'
import { githubLines, sarifLog } from '../../../controller/lint/lint-formats.ts'
import type { LintReport } from '../../../controller/lint/lint-tree.ts'

const report: LintReport = {
  prompts: [],
  ignored: [],
  results: [
    {
      level: 'error',
      code: 'quarantined',
      path: 'prompts/a,b: c%\n::error::x.md',
      line: 3,
      column: 4,
      message: '50% of it\nis gone',
    },
    { level: 'error', code: 'nothing_found', path: '', line: 1, column: 1, message: 'No prompt.' },
  ],
}

test('a workflow command has one line, and a file name cannot start another one', () => {
  expect(githubLines(report)).toEqual([
    '::error file=prompts/a%2Cb%3A c%25%0A%3A%3Aerror%3A%3Ax.md,line=3,col=4,title=quarantined::50%25 of it%0Ais gone',
    '::error title=nothing_found::No prompt.',
  ])
})

test('a SARIF log has a rule for each code and the place of each result', () => {
  const log = JSON.parse(JSON.stringify(sarifLog(report, '1.2.3')))
  const [run] = log.runs
  expect(log.version).toBe('2.1.0')
  expect(run.tool.driver).toMatchObject({
    version: '1.2.3',
    rules: [{ id: 'nothing_found' }, { id: 'quarantined' }],
  })
  expect(run.results[0]).toMatchObject({ ruleId: 'quarantined', ruleIndex: 1, level: 'error' })
  expect(run.results[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'prompts/a%2Cb%3A%20c%25%0A%3A%3Aerror%3A%3Ax.md', uriBaseId: '%SRCROOT%' },
    region: { startLine: 3, startColumn: 4 },
  })
  expect(run.results[1].locations).toBeUndefined()
})
