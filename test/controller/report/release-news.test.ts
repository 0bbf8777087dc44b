import { expect, test } from 'vitest'
import type { Release } from '../../../api/contract/release.ts'
import type { Outcome } from '../../../controller/pass/outcomes.ts'
import type { NamingChange } from '../../../controller/plan/changes.ts'
import { clipDescription } from '../../../controller/report/commit-statuses.ts'
import { type ReleaseFacts, releaseNews } from '../../../controller/report/release-news.ts'

const SETTINGS = { releases: ['v{version}', '{id}/v{version}'], unsignedCount: false }
const commit = (digit: number) => String(digit).repeat(40)

function outcome(tag: string, kind: Outcome['kind'], different: Partial<NamingChange> = {}): Outcome {
  const release = tag.replace(/^.*v/, '') as Release
  const change: NamingChange = {
    do: 'promote',
    id: 'a',
    label: 'l',
    release,
    tag,
    commit: commit(1),
    ...different,
  }
  return { change, kind, code: null, message: kind === 'done' ? null : `Release ${release} is ${kind}.` }
}

const facts = (different: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  plan: { kind: 'changes', counted: [], reports: [] },
  outcomes: [],
  listing: { tags: [] },
  known: null,
  ...different,
})

const counted = (...tags: string[]) => tags.map((tag) => ({ tag, commit: commit(1) }))

test('a counted tag says what became of its prompts; what failed or was refused makes it a failure, what is held pending', () => {
  const news = (...outcomes: Outcome[]) =>
    releaseNews(
      facts({ plan: { kind: 'changes', counted: counted('v1.0.0'), reports: [] }, outcomes }),
      SETTINGS,
    )[0]
  expect(news(outcome('v1.0.0', 'done'), outcome('v1.0.0', 'done', { do: 'alias' }))).toEqual({
    commit: commit(1),
    state: 'success',
    description: 'v1.0.0: 1 promoted, 1 named',
  })
  expect(news(outcome('v1.0.0', 'held'), outcome('v1.0.0', 'done'))).toMatchObject({
    state: 'pending',
    description: 'v1.0.0: 1 promoted, 1 held: Release 1.0.0 is held.',
  })
  expect(news(outcome('v1.0.0', 'held'), outcome('v1.0.0', 'refused'))).toMatchObject({
    state: 'failure',
    description: 'v1.0.0: 1 held, 1 refused: Release 1.0.0 is refused.',
  })
  expect(news(outcome('v1.0.0', 'lower'))).toMatchObject({ state: 'success' })
  expect(news()).toMatchObject({ state: 'success', description: 'v1.0.0: nothing new for any prompt' })
})

test('a tag that counted before is news again once more of it was done, or a pass before was cut short', () => {
  const news = (kind: 'full' | 'changes', outcomeKind: Outcome['kind']) =>
    releaseNews(
      facts({ plan: { kind, counted: [], reports: [] }, outcomes: [outcome('v1.0.0', outcomeKind)] }),
      SETTINGS,
    )
  expect(news('full', 'done')).toMatchObject([{ state: 'success' }])
  expect(news('full', 'unchanged')).toEqual([])
  expect(news('changes', 'unchanged')).toMatchObject([{ description: 'v1.0.0: 1 promoted' }])
})

test('what is wrong with a tag is told once, where the tag is now; a deleted one has no place', () => {
  const report = { kind: 'moved', tag: 'v1.0.0', message: 'It was moved.' } as const
  const deleted = { kind: 'deleted', tag: 'v0.1.0', message: 'It was deleted.' } as const
  const one = facts({
    plan: { kind: 'changes', counted: [], reports: [report, deleted] },
    listing: { tags: [{ name: 'v1.0.0', commit: commit(2) }] },
  })
  expect(releaseNews(one, SETTINGS)).toEqual([
    { commit: commit(2), state: 'failure', description: 'It was moved.' },
  ])
  const findings = [{ kind: 'moved', subject: 'v1.0.0', message: 'It was moved.' }]
  expect(releaseNews({ ...one, known: { findings } }, SETTINGS)).toEqual([])
})

test('a signature that is missing is a failure only where it is required', () => {
  const report = { kind: 'unverified', tag: 'v1.0.0', message: 'It is not signed.' } as const
  const one = facts({
    plan: { kind: 'changes', counted: counted('v1.0.0'), reports: [report] },
    outcomes: [outcome('v1.0.0', 'done')],
    listing: { tags: [{ name: 'v1.0.0', commit: commit(1) }] },
  })
  expect(releaseNews(one, { ...SETTINGS, unsignedCount: true })).toEqual([
    { commit: commit(1), state: 'success', description: 'v1.0.0: 1 promoted; It is not signed.' },
  ])
  expect(releaseNews(one, SETTINGS)).toMatchObject([{ state: 'failure' }])
})

test('the tags of one commit share what is said, the newest release first', () => {
  const plan = { kind: 'changes' as const, counted: counted('a/v1.0.0', 'b/v2.0.0'), reports: [] }
  const outcomes = [outcome('a/v1.0.0', 'done'), outcome('b/v2.0.0', 'refused')]
  expect(releaseNews(facts({ plan, outcomes }), SETTINGS)).toEqual([
    {
      commit: commit(1),
      state: 'failure',
      description: 'b/v2.0.0: 1 refused: Release 2.0.0 is refused. a/v1.0.0: 1 promoted',
    },
  ])
})

test('a description is one line of at most 140 characters, whatever it is made of', () => {
  expect(clipDescription(' a\n\tb\0c\u2028d ')).toBe('a b c d')
  const long = clipDescription('𝕏'.repeat(200))
  expect(long.length).toBeLessThanOrEqual(140)
  expect(long).toMatch(/^(𝕏)+…$/u)
  expect(clipDescription('x'.repeat(140))).toBe('x'.repeat(140))
  expect(clipDescription('\ud800x')).toBe('\ufffdx')
})
