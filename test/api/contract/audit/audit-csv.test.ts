import { expect, test } from 'vitest'
import { auditCsv } from '../../../../api/contract/audit/audit-csv.ts'
import type { AuditRow } from '../../../../api/contract/audit/audit-row.ts'

const ROW: AuditRow = {
  ...{ environment: 'staging', source: 'support', prompt_id: 'p', version: 'a' },
  ...{ release: '1.0.0', later_releases: ['1.1.0', '1.2.0'] },
  asked: { by: 'person', act: 'promoted', actor: '=HYPERLINK("x")', claimed: true, reason: 'a, b' },
  tag: { name: 'v1.0.0', object: null, commit: 'c', tagger: '-cmd', tagged_at: null },
  approved: { pull_request: 7, author: 'ada', by: ['grace', 'alan'] },
  ...{ signed: null, evidence: [{ result: 'PASSED' }], set: 'f'.repeat(64) },
  changed: { from: 'b', parts: ['content', 'config'], inputs: [] },
  ...{ served_from: '2026-01-01T00:00:00.000Z', served_until: null, stopped: null },
}

test('the CSV has a heading, and a line for each row with every fact', () => {
  const [heading, line, ...rest] = auditCsv([ROW]).split('\r\n')
  expect(heading?.split(',')).toHaveLength(32)
  expect(line).toBe(
    [
      `staging,support,p,a,1.0.0,1.1.0; 1.2.0,person,promoted,"'=HYPERLINK(""x"")",yes,"a, b",v1.0.0,,c,'-cmd,,`,
      `yes,7,ada,grace; alan,,"[{""result"":""PASSED""}]",${'f'.repeat(64)},b,content; config,,2026-01-01T00:00:00.000Z,,,,,`,
    ].join(''),
  )
  expect(rest).toEqual([''])
})

test('an approval that is unknown is not the same as none', () => {
  const approvals = [null, { pull_request: null, author: null, by: [] }].map((approved) => {
    const [heading = '', line = ''] = auditCsv([{ ...ROW, asked: null, approved, evidence: [] }]).split(
      '\r\n',
    )
    return line.split(',')[heading.split(',').indexOf('approved')]
  })
  expect(approvals).toEqual(['', 'no'])
})
