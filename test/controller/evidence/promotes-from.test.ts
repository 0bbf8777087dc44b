import { expect, test } from 'vitest'
import type { ServedThere } from '../../../controller/evidence/evidence.ts'
import { PromotesFromSchema, soakProblem } from '../../../controller/evidence/promotes-from.ts'

const HOUR = 3_600_000
const FROM = PromotesFromSchema.parse({
  registry: 'staging',
  url: 'https://staging.example.com',
  soak: '24h',
  minReads: 100,
})

const cases: readonly [string, ServedThere | { unreadable: string } | undefined, string | null][] = [
  ['served and read enough', { servedMs: 24 * HOUR, reads: 100, withdrawn: null }, null],
  ['not asked', undefined, '"staging" was not asked about it'],
  ['unreadable', { unreadable: 'It is down.' }, '"staging" cannot be asked about it: It is down.'],
  ['never served', { servedMs: null, reads: 500, withdrawn: null }, 'it has not served in "staging"'],
  [
    'taken back there',
    { servedMs: 900 * HOUR, reads: 500, withdrawn: 'rolled_back' },
    'it was taken out of service in "staging" (rolled_back)',
  ],
  [
    'a moment too short',
    { servedMs: 24 * HOUR - 1, reads: 100, withdrawn: null },
    'it has served for 23h of 24h in "staging"',
  ],
  [
    'too short and read too seldom',
    { servedMs: 60_000, reads: 99, withdrawn: null },
    'it has served for 1m of 24h and was read 99 of 100 times in "staging"',
  ],
]

test.each(cases)('a version that is %s is judged as such', (_, there, problem) => {
  expect(soakProblem(there, FROM)).toBe(problem)
})
