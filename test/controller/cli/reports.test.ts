import { expect, test } from 'vitest'
import { age, fewNames, shortText, time } from '../../../controller/cli/cells.ts'
import { findingLine, findingLines } from '../../../controller/cli/reports.ts'
import type { FindingCode } from '../../../controller/findings/finding.ts'

const finding = (code: FindingCode, name: string, message = `about ${name}.`) => ({
  ...{ code, message },
  subject: { kind: 'file' as const, name },
})
const file = (path: string, reason: string) => finding('quarantined', path, reason)

test('files with the same reason are grouped, and a single file is named', () => {
  const quarantined = [
    file('a', 'empty.'),
    file('odd', 'strange.'),
    ...['b', 'c', 'd', 'e'].map((path) => file(path, 'empty.')),
  ]
  expect(findingLines(quarantined)).toEqual([
    'quarantined 5 files: empty.',
    '  a, b, c and 2 more',
    'quarantined odd: strange.',
  ])
})

test('long lists of reasons and findings are cut, and the rest is counted', () => {
  const quarantined = Array.from({ length: 13 }, (_, index) => file(`f${index}`, `reason ${index}.`))
  const lines = findingLines([
    ...quarantined,
    ...Array.from({ length: 7 }, (_, index) => finding('tag_lower', `p${index}`, `Reason ${index}.`)),
    finding('refused', 'x', 'Not yours.'),
  ])
  expect(lines.slice(9)).toEqual([
    'quarantined f9: reason 9.',
    'quarantined 3 more files (-o json shows all)',
    ...[0, 1, 2, 3, 4].map((index) => `notice: tag lower p${index}: Reason ${index}.`),
    'notice: tag lower: 2 more (-o json shows all)',
    'refused x: Not yours.',
  ])
})

test('findings that differ only in their subject are one line', () => {
  const tags = Array.from({ length: 100 }, (_, index) => `v1.${index}.0`)
  const incomplete = (name: string, what: string) =>
    finding('tag_incomplete', name, `Tag ${name} does not release ${what}`)
  const lines = findingLines([
    ...tags.map((name) => incomplete(name, 'the file a.md: It is empty.')),
    incomplete('v2.0.0', 'the file b.md: It is empty.'),
  ])
  expect(lines).toEqual([
    'notice: tag incomplete: Tag v1.0.0 does not release the file a.md: It is empty. The same for v1.1.0, v1.2.0, v1.3.0 and 96 more.',
    'notice: tag incomplete: Tag v2.0.0 does not release the file b.md: It is empty.',
  ])
})

test('a finding names its subject once, and its cause', () => {
  expect(findingLine({ ...finding('pass_failed', 'demo', 'The host is gone.'), cause: 'reset' })).toBe(
    'pass failed demo: The host is gone. (cause: reset)',
  )
  expect(findingLine(finding('tags_unmatched', '', '4 tags match no pattern.'))).toBe(
    'notice: tags unmatched: 4 tags match no pattern.',
  )
})

test('cells are short and have a placeholder', () => {
  expect([shortText(null), shortText(''), shortText('short')]).toEqual(['-', '-', 'short'])
  expect(shortText('𝕏'.repeat(61))).toBe(`${'𝕏'.repeat(59)}…`)
  expect(shortText('𝕏'.repeat(60))).toBe('𝕏'.repeat(60))
  expect([fewNames([]), fewNames(['a', 'b', 'c']), fewNames(['a', 'b', 'c', 'd'])]).toEqual([
    '-',
    'a, b, c',
    'a, b, c and 1 more',
  ])
  expect([time(null), time('2026-01-31T12:00:00.123Z')]).toEqual(['-', '2026-01-31 12:00:00'])
})

test('an age is approximate, and never negative if two clocks differ', () => {
  const now = Date.parse('2026-01-31T12:00:00.000Z')
  const ages = [-5, 0, 119, 120, 7199, 7200, 172_799, 172_800].map((seconds) =>
    age(new Date(now - seconds * 1000).toISOString(), now),
  )
  expect(ages).toEqual([
    '0 s ago',
    '0 s ago',
    '119 s ago',
    '2 min ago',
    '119 min ago',
    '2 h ago',
    '47 h ago',
    '2 days ago',
  ])
  expect(age(null, now)).toBe('-')
})
