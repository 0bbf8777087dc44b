import { expect, test } from 'vitest'
import type { Release } from '../../../api/contract/release.ts'
import type { NewFinding } from '../../../controller/findings/finding.ts'
import type { PlannedChange, PromoteChange } from '../../../controller/plan/changes.ts'
import type { ChangeOutcome } from '../../../controller/plan/outcomes.ts'
import { clipDescription } from '../../../controller/report/commit-statuses.ts'
import { type ReleaseFacts, releaseStatuses } from '../../../controller/report/release-statuses.ts'

const SETTINGS = { releases: ['v{version}', '{id}/v{version}'], unsignedCount: false }
const commit = (digit: number) => String(digit).repeat(40)

function outcome(
  tag: string,
  kind: ChangeOutcome['kind'],
  different: Partial<PlannedChange> = {},
): ChangeOutcome {
  const release = tag.replace(/^.*v/, '') as Release
  const promote: PromoteChange = {
    ...{ do: 'promote', id: 'a', version: 'l', identity: 'i', release, tag, commit: commit(1) },
    ...{ from: null, swaps: true, evidence: [] },
  }
  const change = { ...promote, ...different } as PlannedChange
  return { change, kind, code: null, message: kind === 'done' ? null : `Release ${release} is ${kind}.` }
}

type PlanFacts = ReleaseFacts['plan']
const planFacts = (different: Partial<PlanFacts> = {}): PlanFacts => ({
  ...{ unsettled: [], findings: [], refused: [] },
  ...different,
})

const facts = (different: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  plan: planFacts(),
  outcomes: [],
  listing: { tags: [] },
  known: [],
  ...different,
})

const found = (code: NewFinding['code'], tag: string, message: string): NewFinding => ({
  ...{ code, subject: { kind: 'tag', name: tag }, message },
})

const counted = (...tags: string[]) => tags.map((tag) => ({ tag, commit: commit(1) }))

test('a counted tag is a failure if a prompt failed or was refused, and pending if one is held', () => {
  const news = (...outcomes: ChangeOutcome[]) =>
    releaseStatuses(facts({ plan: planFacts({ unsettled: counted('v1.0.0') }), outcomes }), SETTINGS)[0]
  expect(
    news(outcome('v1.0.0', 'done'), outcome('v1.0.0', 'done', { do: 'name', standing: 'counts' })),
  ).toEqual({
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

test('a release that waits makes its tag pending, with the reason of the hold', () => {
  const waits = outcome('v1.0.0', 'done', { do: 'name', standing: 'waits' })
  const held: NewFinding = { code: 'held', subject: { kind: 'prompt', name: 'a' }, message: 'It is frozen.' }
  const plan = planFacts({ unsettled: counted('v1.0.0'), findings: [held] })
  expect(releaseStatuses(facts({ plan, outcomes: [waits] }), SETTINGS)).toMatchObject([
    { state: 'pending', description: 'v1.0.0: 1 held: It is frozen.' },
  ])
})

test('a release that waits for evidence makes its tag pending, with the reason', () => {
  const waits = outcome('v1.0.0', 'done', { do: 'name', standing: 'waits' })
  const held: NewFinding = {
    code: 'waiting_for_evidence',
    subject: { kind: 'prompt', name: 'a' },
    message: 'It is frozen.',
  }
  const plan = planFacts({ unsettled: counted('v1.0.0'), findings: [held] })
  expect(releaseStatuses(facts({ plan, outcomes: [waits] }), SETTINGS)).toMatchObject([
    { state: 'pending', description: 'v1.0.0: 1 held: It is frozen.' },
  ])
})

test('a release that the plan refuses makes its tag a failure', () => {
  const { change } = outcome('v1.0.0', 'done')
  const refused = [{ change, code: 'revoked' as const, message: 'It was revoked.' }]
  expect(releaseStatuses(facts({ plan: planFacts({ refused }) }), SETTINGS)).toMatchObject([
    { state: 'failure', description: 'v1.0.0: 1 refused: It was revoked.' },
  ])
})

test('a tag that counted before is news again after further changes', () => {
  const news = (kind: ChangeOutcome['kind']) =>
    releaseStatuses(facts({ outcomes: [outcome('v1.0.0', kind)] }), SETTINGS)
  expect(news('done')).toMatchObject([{ state: 'success', description: 'v1.0.0: 1 promoted' }])
  expect(news('unchanged')).toEqual([])
})

test('a problem with a tag is reported once, at its current commit, and not for a deleted tag', () => {
  const moved = found('tag_moved', 'v1.0.0', 'It was moved.')
  const deleted = found('tag_deleted', 'v0.1.0', 'It was deleted.')
  const one = facts({
    plan: planFacts({ findings: [moved, deleted] }),
    listing: { tags: [{ name: 'v1.0.0', commit: commit(2) }] },
  })
  expect(releaseStatuses(one, SETTINGS)).toEqual([
    { commit: commit(2), state: 'failure', description: 'It was moved.' },
  ])
  expect(releaseStatuses({ ...one, known: [moved] }, SETTINGS)).toEqual([])
})

test('a missing signature is a failure only if signatures are required', () => {
  const one = facts({
    plan: planFacts({
      unsettled: counted('v1.0.0'),
      findings: [found('tag_unverified', 'v1.0.0', 'It is not signed.')],
    }),
    outcomes: [outcome('v1.0.0', 'done')],
    listing: { tags: [{ name: 'v1.0.0', commit: commit(1) }] },
  })
  expect(releaseStatuses(one, { ...SETTINGS, unsignedCount: true })).toEqual([
    { commit: commit(1), state: 'success', description: 'v1.0.0: 1 promoted; It is not signed.' },
  ])
  expect(releaseStatuses(one, SETTINGS)).toMatchObject([{ state: 'failure' }])
})

test('the tags of one commit share one description, the newest release first', () => {
  const plan = planFacts({ unsettled: counted('a/v1.0.0', 'b/v2.0.0') })
  const outcomes = [outcome('a/v1.0.0', 'done'), outcome('b/v2.0.0', 'refused')]
  expect(releaseStatuses(facts({ plan, outcomes }), SETTINGS)).toEqual([
    {
      commit: commit(1),
      state: 'failure',
      description: 'b/v2.0.0: 1 refused: Release 2.0.0 is refused. a/v1.0.0: 1 promoted',
    },
  ])
})

test('a description is one line of at most 140 characters', () => {
  expect(clipDescription(' a\n\tb\0c\u2028d ')).toBe('a b c d')
  const long = clipDescription('𝕏'.repeat(200))
  expect(long.length).toBeLessThanOrEqual(140)
  expect(long).toMatch(/^(𝕏)+…$/u)
  expect(clipDescription('x'.repeat(140))).toBe('x'.repeat(140))
  expect(clipDescription('\ud800x')).toBe('\ufffdx')
})
