import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import { dueKind, isConfirmed, isHeld, momentSituation } from '../../../controller/pass/pass.ts'
import type { PassReport } from '../../../controller/pass/pass-report.ts'
import type { Plan } from '../../../controller/plan.ts'
import { tagKey } from '../../../controller/releases/unverified-tags.ts'
import { clipText } from '../../../controller/state/clip-text.ts'
import {
  confirmedState,
  failedState,
  heldState,
  lookedState,
  settledState as nextState,
  unsettled,
  withConditions,
} from '../../../controller/state/next-state.ts'
import {
  failureObservations,
  observationsOf,
  verifiedObservation,
} from '../../../controller/state/observations.ts'
import { withPass } from '../../../controller/state/pass-history.ts'
import { parseState, type SourceState } from '../../../controller/state/source-state.ts'
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

function reportOf(different: Partial<PassReport> = {}): PassReport {
  return {
    source: 'demo',
    result: 'synced',
    kind: 'changes',
    commit: COMMIT,
    started_at: new Date(NOW).toISOString(),
    finished_at: new Date(NOW + 1500).toISOString(),
    counts: {},
    quarantined: [],
    findings: [],
    message: null,
    ...different,
  }
}

const MOVED = { ...LISTING, commit: 'd'.repeat(40) }

describe('a held situation', () => {
  const state = heldState(
    settledState(),
    settledMoment({ listing: MOVED }),
    reportOf({ result: 'held', message: 'Too much.' }),
  )
  const held = settledMoment({ listing: MOVED, state })

  it('is due for nothing but a word of a person, however often it is looked at', () => {
    expect(dueKind(held, {})).toBe('none')
    expect(dueKind(held, { retryNow: true })).toBe('none')
    expect(dueKind(held, { confirm: true })).toBe('changes')
    expect(dueKind(held, { force: true })).toBe('full')
    expect(isHeld(held)).toBe(true)
    expect(isConfirmed(held, {})).toBe(false)
    expect(isConfirmed(held, { confirm: true })).toBe(true)
  })

  it.each([
    ['the refs move', { listing: { ...MOVED, tags: [] } }, 'changes'],
    ['the refs are those that were settled', { listing: LISTING }, 'changes'],
    ['the configuration changes', { configDigest: 'other' }, 'full'],
    ['somebody asks to look again', { document: sourceDocument({ attention: 1 }) }, 'full'],
  ] as const)('is another one where %s, and a confirmation is not for that', (_what, different, due) => {
    const moment = { ...held, ...different }
    expect(dueKind(moment, {})).toBe(due)
    expect(isHeld(moment)).toBe(false)
    expect(isConfirmed(moment, { confirm: true })).toBe(false)
  })

  it('leaves what is settled, and says so', () => {
    const { watermark, refs_digest, config_digest, retry } = settledState()
    expect(state).toMatchObject({ watermark, refs_digest, config_digest, retry })
    expect(state.held).toEqual({ of: momentSituation(held), kind: 'changes', message: 'Too much.' })
    expect(state.passes[0]).toMatchObject({ result: 'held', duration_ms: 1500 })
  })

  it('that was confirmed stays so until it is settled', () => {
    const confirmed = confirmedState(state, held)
    const moment = { ...held, state: confirmed }
    expect(dueKind(moment, {})).toBe('changes')
    expect(isConfirmed(moment, {})).toBe(true)
    const done = { ledgerLength: 1, waiting: 0, random: 0 }
    const failed = nextState(confirmed, moment, reportOf({ result: 'incomplete' }), PLAN, done)
    expect(failed.confirmed).toBe(confirmed.confirmed)
    expect(nextState(failed, moment, reportOf(), PLAN, done).confirmed).toBeNull()
    const elsewhere = { ...moment, listing: LISTING }
    expect(
      nextState(confirmed, elsewhere, reportOf({ result: 'incomplete' }), PLAN, done).confirmed,
    ).toBeNull()
  })
})

describe('what waits for the end of a freeze', () => {
  const frozen = settledMoment({ frozenUntil: NOW + 1 })
  const waitingAfter = (before: SourceState, kind: Plan['kind'], waiting: number) =>
    nextState(before, frozen, reportOf(), { ...PLAN, kind }, { ledgerLength: 1, waiting, random: 0 }).waiting

  it('adds up over passes of changes, and is counted anew by a full one', () => {
    expect(waitingAfter(settledState({ waiting: 2 }), 'changes', 1)).toBe(3)
    expect(waitingAfter(settledState({ waiting: 2 }), 'full', 1)).toBe(1)
  })

  it('makes the first pass after it a full one, and none where nothing waits', () => {
    const waits = settledState({ waiting: 1 })
    expect(dueKind(settledMoment({ state: waits, frozenUntil: NOW + 1 }), {})).toBe('none')
    expect(dueKind(settledMoment({ state: waits }), {})).toBe('full')
    expect(dueKind(settledMoment(), {})).toBe('none')
  })
})

describe('the last passes', () => {
  const pass = (different = {}) => ({
    result: 'synced' as const,
    kind: 'changes' as const,
    started_at: 's',
    finished_at: 'f',
    duration_ms: 1,
    commit: COMMIT,
    counts: {},
    message: null,
    times: 1,
    ...different,
  })

  it('are ten, the newest first', () => {
    let passes = withPass([], pass({ finished_at: '0' }))
    for (let n = 1; n <= 12; n++) passes = withPass(passes, pass({ finished_at: `${n}` }))
    expect(passes.map(({ finished_at }) => finished_at)).toEqual([
      '12',
      '11',
      '10',
      '9',
      '8',
      '7',
      '6',
      '5',
      '4',
      '3',
    ])
  })

  it('are one where the same trouble comes again', () => {
    const trouble = pass({ result: 'failed', message: 'No.' })
    const twice = withPass(withPass([pass()], trouble), { ...trouble, finished_at: 'g' })
    expect(twice).toEqual([{ ...trouble, finished_at: 'g', times: 2 }, pass()])
    expect(withPass(twice, { ...trouble, message: 'Other.' })).toHaveLength(3)
    expect(withPass([pass()], pass())).toHaveLength(2)
  })
})

describe('a clipped text', () => {
  it('is whole where it fits, and else as much of it as fits, always something that JSON and the registry take', () => {
    expect(clipText('short', 100)).toBe('short')
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 10, max: 100 }),
        (text, most) => {
          const clipped = clipText(text, most)
          expect(Buffer.byteLength(JSON.stringify(clipped))).toBeLessThanOrEqual(most)
          expect(clipped.isWellFormed()).toBe(true)
          expect(clipped).not.toContain('\0')
        },
      ),
    )
  })
})

describe('any state', () => {
  const nasty = fc
    .constantFrom('x', '\u0001', '😀', '"', 'é', '\\')
    .chain((character) => fc.integer({ min: 0, max: 20_000 }).map((length) => character.repeat(length)))
  const entry = fc.record({ path: nasty, blob: fc.constant(COMMIT), reason: nasty })
  const finding = fc.record({
    kind: fc.constantFrom('held', 'refused', 'layout'),
    subject: nasty,
    message: nasty,
  })
  const reports = fc.record({
    result: fc.constantFrom(
      'synced' as const,
      'incomplete' as const,
      'failed' as const,
      'held' as const,
      'suspended' as const,
    ),
    message: fc.option(nasty),
    counts: fc.constant({ pushed: 1, promoted: 2, quarantined: 100_000 }),
    quarantined: fc.array(entry, { maxLength: 30 }),
    findings: fc.array(finding, { maxLength: 30 }),
  })

  it('that any passes leave has room in the registry and is read again as it was written', () => {
    const moment = settledMoment({ frozenUntil: NOW + 1 })
    const unverified = Array.from({ length: 6000 }, (_, index) =>
      tagKey({ name: `v1.${index}.0`, commit: COMMIT }),
    )
    const verification = { mode: 'require', unverified, pending: 0 } as const
    fc.assert(
      fc.property(fc.array(reports, { minLength: 1, maxLength: 14 }), (all) => {
        let state: SourceState = unsettled('config', 0, NOW)
        for (const different of all) {
          const report = reportOf(different)
          state = step(state, report)
          expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(LIMITS.sourceStateBytes)
          expect(parseState(JSON.parse(JSON.stringify(state)))).toEqual(state)
        }
      }),
      { numRuns: 60 },
    )
    // The worst of it: both lists full, no tag of thousands signed, ten long stories, and one that is held.
    const long = '\u0001'.repeat(20_000)
    const lists = {
      quarantined: Array.from({ length: 300 }, () => ({
        path: long.slice(0, 50),
        blob: COMMIT,
        reason: long.slice(0, 90),
      })),
      findings: Array.from({ length: 300 }, () => ({
        kind: 'held',
        subject: long.slice(0, 50),
        message: long.slice(0, 90),
      })),
    }
    let worst = step(unsettled('config', 0, NOW), reportOf(lists))
    for (let n = 0; n < 12; n++) worst = step(worst, reportOf({ result: 'failed', message: `${n}${long}` }))
    worst = step(worst, reportOf({ result: 'held', message: long }))
    const bytes = Buffer.byteLength(JSON.stringify(worst))
    expect(bytes).toBeGreaterThan(LIMITS.sourceStateBytes / 2)
    expect(bytes).toBeLessThan(LIMITS.sourceStateBytes)

    function step(before: SourceState, report: PassReport): SourceState {
      const plan = { ...PLAN, verification }
      const freeze = { frozenUntil: NOW, waiting: 1 }
      const observed = [
        ...observationsOf(report, 'main', COMMIT, freeze),
        ...verifiedObservation(report, plan),
      ]
      switch (report.result) {
        case 'held':
          return withConditions(heldState(before, moment, report), observed, report)
        case 'failed': {
          const failure = failureObservations(report, { of: 'repository', reason: 'unreachable' })
          return withConditions(failedState(before, report, 0), failure, report)
        }
        case 'suspended':
          return withConditions(lookedState(before, report), observed, report)
        default: {
          const done = { ledgerLength: 1, waiting: 0, random: 0 }
          return withConditions(nextState(before, moment, report, plan, done), observed, report)
        }
      }
    }
  })
})
