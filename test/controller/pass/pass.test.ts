import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { Outcome } from '../../../controller/pass/outcomes.ts'
import { dueKind, heartbeatDue, type Moment, retryDelay } from '../../../controller/pass/pass.ts'
import { failureReport, idleReport, reportOf } from '../../../controller/pass/pass-report.ts'
import type { NamingChange } from '../../../controller/plan/changes.ts'
import type { Plan } from '../../../controller/plan.ts'
import { settledState as nextState } from '../../../controller/state/next-state.ts'
import {
  configDigest,
  firstEntries,
  parseState,
  refsDigest,
  type SourceState,
} from '../../../controller/state/source-state.ts'
import { sourceConfig } from '../../support/controller.ts'
import fc from '../../support/fast-check.ts'
import {
  COMMIT,
  LISTING,
  NOW,
  PLAN,
  settledMoment,
  settledState,
  sourceDocument,
} from '../../support/planned-source.ts'

const time = (ms: number) => new Date(ms).toISOString()
const waits = (ms = 1) => ({ attempt: 1, not_before: time(NOW + ms) })
const fullPass = { commit: COMMIT, full: true }

describe('the pass that is due', () => {
  const moved = { listing: { ...LISTING, commit: 'd'.repeat(40) } }
  const cases: [string, Partial<Moment>, Parameters<typeof dueKind>[1], ReturnType<typeof dueKind>][] = [
    ['is none where nothing moved', {}, {}, 'none'],
    ['is the first where there is no state', { state: null }, {}, 'first'],
    ['is one of the changes where the branch moved', moved, {}, 'changes'],
    [
      'is one of the changes where a tag came',
      { listing: { ...LISTING, tags: [...LISTING.tags, { name: 'x', commit: COMMIT }] } },
      {},
      'changes',
    ],
    ['is one of the changes where a tag went', { listing: { ...LISTING, tags: [] } }, {}, 'changes'],
    [
      'is one of the changes where the default branch has another name',
      { listing: { ...LISTING, branch: 'trunk' } },
      {},
      'changes',
    ],
    [
      'is one of the changes where a pass to the same commit was killed',
      { state: settledState({ begun: { commit: COMMIT, full: false } }) },
      {},
      'changes',
    ],
    [
      'is a full one where a full pass was killed',
      { state: settledState({ begun: { commit: COMMIT, full: true } }) },
      {},
      'full',
    ],
    [
      'is a full one where a pass to another commit was killed',
      { state: settledState({ begun: { commit: 'e'.repeat(40), full: false } }) },
      {},
      'full',
    ],
    [
      'is a full one where a retry goes to another commit than the pass that failed',
      { state: settledState({ begun: { commit: 'e'.repeat(40), full: false }, retry: waits(0) }) },
      {},
      'full',
    ],
    ['is a full one where that is asked for', {}, { force: true }, 'full'],
    ['is a full one where the configuration changed', { configDigest: 'other' }, {}, 'full'],
    [
      'is a full one where somebody lifted a hold',
      { document: sourceDocument({ attention: 1 }) },
      {},
      'full',
    ],
    [
      'is still the first where none ended, whatever moved',
      { ...moved, state: settledState({ watermark: null }) },
      { force: true },
      'first',
    ],
    [
      'is still the first where none ended and nothing moved',
      { state: settledState({ watermark: null }), document: sourceDocument({ ledger_length: 0 }) },
      {},
      'first',
    ],
    ['is none while a retry waits', { state: settledState({ retry: waits() }) }, {}, 'none'],
    [
      'is none while a retry of a first pass waits',
      { state: settledState({ retry: waits(), watermark: null }) },
      {},
      'none',
    ],
    [
      'is none while a retry waits for what was begun',
      { state: settledState({ retry: waits(), begun: fullPass }) },
      {},
      'none',
    ],
    ['is a retry once its time has come', { state: settledState({ retry: waits(0) }) }, {}, 'changes'],
    [
      'is a retry at once where that is asked for',
      { state: settledState({ retry: waits() }) },
      { retryNow: true },
      'changes',
    ],
    [
      'is a full one where that is what failed',
      { state: settledState({ retry: waits(0), begun: fullPass }) },
      {},
      'full',
    ],
    [
      'is a full one where that is what failed and something moved',
      { ...moved, state: settledState({ retry: waits(), begun: fullPass }) },
      {},
      'full',
    ],
    ['is not a retry where there is none', {}, { retryNow: true }, 'none'],
    [
      'is one of the changes where something moved while a retry waits',
      { ...moved, state: settledState({ retry: waits() }) },
      {},
      'changes',
    ],
  ]
  it.each(cases)('%s', (_what, moment, wish, due) => {
    expect(dueKind(settledMoment(moment), wish)).toBe(due)
  })
})

const CHANGE: NamingChange = {
  do: 'promote',
  id: 'a',
  label: 'l',
  release: '1.0.0',
  tag: 'v1.0.0',
  commit: COMMIT,
}
const outcome = (kind: Outcome['kind'], change: Partial<NamingChange> = {}): Outcome => ({
  change: { ...CHANGE, ...change },
  kind,
  code: null,
  message: kind === 'done' || kind === 'unchanged' ? null : `It is ${kind}.`,
})
const report = (plan: Plan, outcomes: readonly Outcome[], before: SourceState | null = settledState()) =>
  reportOf(plan, outcomes, before, NOW, NOW + 1000)

describe('the state after a pass', () => {
  const stateAfter = (before: SourceState | null, plan: Plan, outcomes: readonly Outcome[]) =>
    nextState(before, settledMoment(), report(plan, outcomes, before), plan, {
      ledgerLength: 7,
      waiting: 0,
      random: 0.5,
    })

  it('has the watermark at the commit and the ledger of the pass, and no retry', () => {
    const state = stateAfter(settledState({ retry: waits() }), PLAN, [outcome('done')])
    expect(state).toMatchObject({
      watermark: { commit: COMMIT, ledger_length: 7 },
      retry: null,
      checked_at: time(NOW + 1000),
      last_pass: { result: 'synced' },
    })
    expect(parseState(JSON.parse(JSON.stringify(state)))).toEqual(state)
  })

  it.each(['done', 'unchanged', 'held', 'lower', 'refused'] as const)(
    'counts what is %s as settled',
    (kind) => {
      expect(stateAfter(settledState(), PLAN, [outcome(kind)]).watermark?.ledger_length).toBe(7)
    },
  )

  it('keeps the watermark where something failed, and tries again ever later after the end of the pass', () => {
    const old = settledState({ watermark: { commit: 'e'.repeat(40), ledger_length: 1 } })
    const first = stateAfter(old, PLAN, [outcome('done'), outcome('failed')])
    expect(first).toMatchObject({
      watermark: old.watermark,
      retry: { attempt: 1, not_before: time(NOW + 1000 + 3750) },
      begun: { commit: COMMIT, full: false },
      refs_digest: refsDigest(LISTING),
    })
    const second = stateAfter(first, { ...PLAN, kind: 'full' }, [outcome('failed')])
    expect(second.retry).toEqual({ attempt: 2, not_before: time(NOW + 1000 + 7500) })
    expect(second.begun).toEqual(fullPass)
    expect(stateAfter(null, { ...PLAN, kind: 'first' }, [outcome('failed')]).watermark).toBeNull()
  })

  it('answers to the attention that was read before the work', () => {
    const moment = settledMoment({ document: sourceDocument({ attention: 3 }) })
    expect(
      nextState(null, moment, report(PLAN, []), PLAN, {
        ledgerLength: 0,
        waiting: 0,
        random: 0,
      }).attention,
    ).toBe(3)
  })

  it('stays within what the registry keeps, however long the paths are', () => {
    const path = 'p'.repeat(4000)
    const quarantined = Array.from({ length: 500 }, () => ({ path, blob: COMMIT, reason: path }))
    const reports = Array.from({ length: 500 }, () => ({ kind: 'moved' as const, tag: path, message: path }))
    const state = stateAfter(null, { ...PLAN, quarantined, reports }, [])
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(LIMITS.sourceStateBytes)
    expect(state.last_pass?.counts.quarantined).toBe(500)
  })
})

describe('a report', () => {
  it('counts what was done and tells what was not', () => {
    const { result, counts, findings, message } = report(
      { ...PLAN, reports: [{ kind: 'moved', tag: 'v1', message: 'It moved.' }] },
      [
        outcome('done'),
        outcome('done', { do: 'alias' }),
        outcome('unchanged'),
        outcome('lower'),
        outcome('held', { do: 'alias' }),
        outcome('refused', { id: 'b' }),
        outcome('failed', { id: 'c' }),
      ],
    )
    expect(result).toBe('incomplete')
    expect(message).toBe('1 changes failed and are tried again: It is failed.')
    expect(counts).toEqual({
      pushed: 0,
      promoted: 1,
      named: 1,
      archived: 0,
      retired: 0,
      unchanged: 1,
      held: 1,
      lower: 1,
      refused: 1,
      failed: 1,
      quarantined: 0,
      ignored: 0,
    })
    expect(findings.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      'moved v1',
      'lower a',
      'held a',
      'refused b',
      'failed c',
    ])
  })

  it('keeps what only a full pass looks at again, until it is touched or told anew', () => {
    const finding = (kind: string, subject: string) => ({ kind, subject, message: 'old' })
    const before = settledState({
      findings: [
        finding('refused', 'untouched'),
        finding('refused', 'touched'),
        finding('held', 'frozen'),
        finding('conflict', 'v1.0.0'),
        finding('conflict', 'v2.0.0'),
        finding('moved', 'v3.0.0'),
        finding('lower', 'low'),
        finding('failed', 'broken'),
      ],
    })
    const plan: Plan = {
      ...PLAN,
      current: [{ id: 'touched', changes: [CHANGE] }],
      reports: [{ kind: 'conflict', tag: 'v2.0.0', message: 'new' }],
    }
    const told = (kind: Plan['kind']) =>
      report({ ...plan, kind }, [], before).findings.map(({ subject, message }) => `${subject} ${message}`)
    expect(told('changes')).toEqual(['v2.0.0 new', 'untouched old', 'frozen old', 'v1.0.0 old'])
    expect(told('full')).toEqual(['v2.0.0 new'])
  })

  it('of an idle pass repeats what is known, and says when a retry waits', () => {
    const known = { quarantined: [{ path: 'p', blob: COMMIT, reason: 'r' }] }
    expect(idleReport('demo', settledState(known), NOW, NOW)).toMatchObject({
      ...known,
      result: 'unchanged',
      commit: COMMIT,
      message: null,
    })
    const { result, message } = idleReport('demo', settledState({ retry: waits() }), NOW, NOW)
    expect(result).toBe('incomplete')
    expect(message).toContain(time(NOW + 1))
  })

  it('of a failure has nothing but the sentence', () => {
    expect(failureReport('demo', 'No.', NOW, NOW)).toMatchObject({
      result: 'failed',
      message: 'No.',
      counts: {},
    })
  })
})

describe('the time before a retry', () => {
  it('doubles from five seconds to five minutes, at least half of it and at most all', () => {
    expect([1, 2, 3, 6, 7, 8, 10_000].map((attempt) => retryDelay(attempt, 0))).toEqual([
      2500, 5000, 10_000, 80_000, 150_000, 150_000, 150_000,
    ])
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const whole = Math.min(5000 * 2 ** (attempt - 1), 300_000)
          expect(retryDelay(attempt, random)).toBeGreaterThanOrEqual(whole / 2)
          expect(retryDelay(attempt, random)).toBeLessThanOrEqual(whole)
        },
      ),
    )
  })
})

describe('a heartbeat', () => {
  it('is due a minute after the last look', () => {
    expect(heartbeatDue(settledState(), NOW + 59_999)).toBe(false)
    expect(heartbeatDue(settledState(), NOW + 60_000)).toBe(true)
  })
})

describe('a state', () => {
  it('is read as none where it is not one of this version', () => {
    for (const document of [null, {}, { format: 2 }, { ...settledState(), format: 2 }, 'x'])
      expect(parseState(document)).toBeNull()
  })

  it('of before passes noted what they began is read', () => {
    const { begun, ...old } = settledState({ retry: waits() })
    expect(parseState(old)).toEqual({ ...old, begun })
  })

  it('keeps of a list what has room, in its order', () => {
    const numbers = Array.from({ length: 300 }, (_, index) => index)
    expect(firstEntries(numbers)).toEqual(numbers.slice(0, 200))
    expect(firstEntries(['x'.repeat(50_000), 'y'.repeat(45_000), 'z'.repeat(5000), ''])).toHaveLength(2)
    expect(firstEntries([])).toEqual([])
  })
})

describe('the digest of a configuration', () => {
  const base = { name: 'demo', repository: '/r' }
  const digest = (different = {}) => configDigest(sourceConfig({ ...base, ...different }))

  it.each([
    { repository: '/other' },
    { branch: 'trunk' },
    { directories: ['x'] },
    { include: ['**/*'] },
    { exclude: [] },
    { idPrefix: 'x/' },
    { releases: ['{version}'] },
    { prereleases: true },
    { requireReachable: false },
    { backfill: 3 },
    { prune: true },
    { massChange: false },
    { repositoryLayout: false },
  ])('changes with %j', (different) => {
    expect(digest(different)).not.toBe(digest())
  })

  it.each([
    { suspended: true },
    { freeze: [{ cron: '0 0 * * *', duration: '1h' }] },
    { schedule: '1h' },
    { credentials: { passwordEnv: 'TOKEN' } },
    { branch: undefined },
  ])('does not change with %j', (different) => {
    expect(digest(different)).toBe(digest())
  })
})

describe('the digest of refs', () => {
  it('tells apart what differs only in where a name ends', () => {
    const listing = (name: string, commit: string) => ({ ...LISTING, tags: [{ name, commit }] })
    expect(refsDigest(listing('a', 'bc'))).not.toBe(refsDigest(listing('ab', 'c')))
  })
})
