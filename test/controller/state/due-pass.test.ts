import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { Finding } from '../../../controller/findings/finding.ts'
import { nextFindings } from '../../../controller/findings/findings.ts'
import type { PromoteChange } from '../../../controller/plan/changes.ts'
import type { ChangeOutcome } from '../../../controller/plan/outcomes.ts'
import type { Plan } from '../../../controller/plan/plan.ts'
import { dueKind, heartbeatDue, type Moment, retryDelay } from '../../../controller/state/due-pass.ts'
import { settledState as nextState, unsettled, withFindings } from '../../../controller/state/next-state.ts'
import {
  failureReport,
  idleReport,
  outcomeFindings,
  reportOf,
} from '../../../controller/state/pass-report.ts'
import {
  configDigest,
  evidenceDigest,
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
  const attested = { listing: { ...LISTING, evidence: [{ name: 'a', oid: COMMIT }] } }
  const awaiting = (look_again_at: string | null = null) =>
    settledState({ evidence: { digest: evidenceDigest(LISTING, {}), look_again_at } })
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
    ['is none where releases wait for evidence, and none came', { state: awaiting() }, {}, 'none'],
    ['is none where evidence came that no release waits for', attested, {}, 'none'],
    ['is a full one where evidence came', { ...attested, state: awaiting() }, {}, 'full'],
    ['is none before the time to look for check runs', { state: awaiting(time(NOW + 1)) }, {}, 'none'],
    ['is a full one at the time to look for check runs', { state: awaiting(time(NOW)) }, {}, 'full'],
    [
      'is none where evidence came, and a pass that failed is not retried yet',
      { ...attested, state: { ...awaiting(time(NOW)), retry: waits() } },
      {},
      'none',
    ],
    [
      'is a full one where evidence came, and the retry is due',
      { ...attested, state: { ...awaiting(), retry: waits(0) } },
      {},
      'full',
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

const CHANGE: PromoteChange = {
  do: 'promote',
  id: 'a',
  version: 'l',
  identity: 'i',
  release: '1.0.0',
  tag: 'v1.0.0',
  commit: COMMIT,
  from: null,
  swaps: true,
  evidence: [],
}
const outcome = (kind: ChangeOutcome['kind'], change: Partial<PromoteChange> = {}): ChangeOutcome => ({
  change: { ...CHANGE, ...change },
  kind,
  code: null,
  message: kind === 'done' || kind === 'unchanged' ? null : `It is ${kind}.`,
})
const finding = (code: Finding['code'], name: string, message = 'x'): Finding => ({
  code,
  subject: { kind: 'prompt', name },
  message,
  cause: null,
  first_seen: time(NOW),
  details: null,
})
const times = { startedAt: NOW, now: NOW + 1000 }
const report = (plan: Plan, outcomes: readonly ChangeOutcome[], findings: readonly Finding[] = []) =>
  reportOf(plan, outcomes, { after: findings, before: [] }, times)

describe('the state after a pass', () => {
  const stateAfter = (before: SourceState, plan: Plan, outcomes: readonly ChangeOutcome[]) =>
    nextState(before, settledMoment(), report(plan, outcomes), plan, {
      ledgerLength: 7,
      setDue: null,
      random: 0.5,
    })
  const fresh = unsettled('config', 0, NOW)

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

  it('keeps the watermark if something failed, and retries with backoff', () => {
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
    expect(stateAfter(fresh, { ...PLAN, kind: 'first' }, [outcome('failed')]).watermark).toBeNull()
  })

  it('has the attention counter that was read before the work', () => {
    const moment = settledMoment({ document: sourceDocument({ attention: 3 }) })
    expect(
      nextState(fresh, moment, report(PLAN, []), PLAN, { ledgerLength: 0, setDue: null, random: 0 })
        .attention,
    ).toBe(3)
  })

  it('has the counts of all findings and the newest of them, even with very long messages', () => {
    const long = 'p'.repeat(4000)
    const found = Array.from({ length: 500 }, (_, n) => ({
      code: 'quarantined' as const,
      subject: { kind: 'file' as const, name: `${n}${long}` },
      message: long,
    }))
    const findings = nextFindings([], found, () => true, time(NOW))
    const state = withFindings(stateAfter(fresh, PLAN, []), findings)
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(LIMITS.sourceStateBytes)
    expect(state.finding_counts).toEqual({ quarantined: 500 })
    expect(state.findings).toHaveLength(50)
    expect(parseState(JSON.parse(JSON.stringify(state)))).toEqual(state)
  })

  it('counts the prompts that wait for the end of a freeze', () => {
    const held = (id: string, by: string) => ({ ...finding('held', id), details: { by } })
    const findings = [held('a', 'freeze'), held('b', 'hold'), held('c', 'freeze')]
    expect(withFindings(settledState(), findings).waiting).toBe(2)
  })
})

describe('a report', () => {
  it('counts changes and findings', () => {
    const { result, counts, message } = report(
      { ...PLAN, ignored: [{ path: 'x', reason: 'r' }] },
      [
        outcome('done'),
        outcome('done', { swaps: false }),
        { ...outcome('done'), change: { ...CHANGE, do: 'name', standing: 'counts' } },
        outcome('unchanged'),
        outcome('failed', { id: 'c' }),
      ],
      [finding('failed', 'c'), finding('refused', 'b'), finding('refused', 'd')],
    )
    expect(result).toBe('incomplete')
    expect(message).toBe('1 change failed and will be retried. "c": It is failed.')
    expect(counts).toEqual({
      pushed: 0,
      promoted: 1,
      named: 2,
      archived: 0,
      retired: 0,
      healed: 0,
      unchanged: 1,
      failed: 1,
      refused: 2,
      held: 0,
      quarantined: 0,
      ignored: 1,
    })
  })

  it('is incomplete while signatures are pending', () => {
    expect(report(PLAN, [], [finding('signatures_pending', '', 'Wait.')])).toMatchObject({
      result: 'incomplete',
      message: 'Wait.',
    })
  })

  it('reports unplanned outcomes as findings', () => {
    const found = outcomeFindings([
      ...[outcome('done'), outcome('unchanged'), outcome('lower'), outcome('held')],
      ...[outcome('refused', { id: 'b' }), outcome('failed', { id: 'c' })],
    ])
    expect(found.map(({ code, subject }) => `${code} ${subject.name}`)).toEqual([
      'tag_lower v1.0.0',
      'held a',
      'refused b',
      'failed c',
    ])
  })

  it('of an idle pass repeats the known findings, and has the time of a pending retry', () => {
    const known = withFindings(settledState(), [finding('refused', 'a')])
    expect(idleReport('demo', known, times)).toMatchObject({
      findings: known.findings,
      counts: { refused: 1 },
      result: 'unchanged',
      commit: COMMIT,
      message: null,
    })
    const { result, message } = idleReport('demo', settledState({ retry: waits() }), times)
    expect(result).toBe('incomplete')
    expect(message).toContain(time(NOW + 1))
  })

  it('of a failure has the message and the cause', () => {
    expect(failureReport('demo', { message: 'No.', cause: 'refused' }, times)).toMatchObject({
      result: 'failed',
      message: 'No.',
      cause: 'refused',
      counts: { pass_failed: 1 },
    })
  })
})

describe('the time before a retry', () => {
  it('doubles from five seconds to five minutes, with jitter of up to half of it', () => {
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
  it('is due a minute after the last check', () => {
    expect(heartbeatDue(settledState(), NOW + 59_999)).toBe(false)
    expect(heartbeatDue(settledState(), NOW + 60_000)).toBe(true)
  })
})

describe('a state', () => {
  it('is ignored if it is not of this version', () => {
    for (const document of [null, {}, { format: 1 }, { ...settledState(), format: 1 }, 'x'])
      expect(parseState(document)).toBeNull()
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
    { drift: 'heal' },
    { releaseBranches: ['release/*'] },
    { maxFiles: 5 },
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
  it('changes with a release branch', () => {
    const branches = [{ name: 'release/1', commit: 'b' }]
    expect(refsDigest({ ...LISTING, branches })).not.toBe(refsDigest(LISTING))
  })

  it('distinguishes refs that differ only in where a name ends', () => {
    const listing = (name: string, commit: string) => ({ ...LISTING, tags: [{ name, commit }] })
    expect(refsDigest(listing('a', 'bc'))).not.toBe(refsDigest(listing('ab', 'c')))
  })
})
