import { expect, test } from 'vitest'
import { age, fewNames, shortText, time } from '../../../controller/cli/cells.ts'
import { needLines } from '../../../controller/cli/reports.ts'

const file = (path: string, reason: string) => ({ path, blob: 'b', reason })
const finding = (kind: string, subject: string) => ({ kind, subject, message: `about ${subject}.` })

test('files with one reason are told together, one file by its name', () => {
  const quarantined = [
    file('a', 'empty.'),
    file('odd', 'strange.'),
    ...['b', 'c', 'd', 'e'].map((path) => file(path, 'empty.')),
  ]
  expect(needLines({ quarantined, findings: [] })).toEqual([
    'quarantined 5 files: empty.',
    '  a, b, c and 2 more',
    'quarantined odd: strange.',
  ])
})

test('many reasons and many findings of a kind are cut, and the rest is counted', () => {
  const quarantined = Array.from({ length: 13 }, (_, index) => file(`f${index}`, `reason ${index}.`))
  const findings = [
    ...Array.from({ length: 7 }, (_, index) => finding('lower', `p${index}`)),
    finding('not_semantic', 'vnext'),
  ]
  const lines = needLines({ quarantined, findings })
  expect(lines.slice(9)).toEqual([
    'quarantined f9: reason 9.',
    'quarantined 3 more files (-o json shows all)',
    ...[0, 1, 2, 3, 4].map((index) => `lower p${index}: about p${index}.`),
    'lower: 2 more (-o json shows all)',
    'not semantic vnext: about vnext.',
  ])
})

test('cells are short and say when there is nothing', () => {
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

test('an age is rough, and never negative where two clocks differ', () => {
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
