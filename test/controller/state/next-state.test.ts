import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import { clipText } from '../../../controller/findings/clip-text.ts'
import { conditionsOf, failedConditions } from '../../../controller/findings/conditions.ts'
import type { NewFinding } from '../../../controller/findings/finding.ts'
import { countFindings, nextFindings } from '../../../controller/findings/findings.ts'
import { tagKey } from '../../../controller/releases/verify-tags.ts'
import { dueKind, isConfirmed, isHeld, momentSituation } from '../../../controller/state/due-pass.ts'
import {
  checkedState,
  confirmedState,
  failedState,
  heldState,
  settledState as nextState,
  unsettled,
  withConditions,
  withFindings,
} from '../../../controller/state/next-state.ts'
import { withPass } from '../../../controller/state/pass-history.ts'
import type { PassReport } from '../../../controller/state/pass-report.ts'
import { parseState, type SourceState } from '../../../controller/state/source-state.ts'
import fc, { runs } from '../../support/fast-check.ts'
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
    findings: [],
    news: [],
    message: null,
    cause: null,
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

  it('needs the confirmation of a person, no matter how often it is checked', () => {
    expect(dueKind(held, {})).toBe('none')
    expect(dueKind(held, { retryNow: true })).toBe('none')
    expect(dueKind(held, { confirm: true })).toBe('changes')
    expect(dueKind(held, { force: true })).toBe('full')
    expect(isHeld(held)).toBe(true)
    expect(isConfirmed(held, {})).toBe(false)
    expect(isConfirmed(held, { confirm: true })).toBe(true)
  })

  it.each([
    ['the refs move', { listing: { ...MOVED, tags: [] } }, 'full'],
    ['the refs are those that were settled', { listing: LISTING }, 'full'],
    ['the configuration changes', { configDigest: 'other' }, 'full'],
    ['somebody asks to look again', { document: sourceDocument({ attention: 1 }) }, 'full'],
  ] as const)('is another one where %s, and a confirmation is not for that', (_what, different, due) => {
    const moment = { ...held, ...different }
    expect(dueKind(moment, {})).toBe(due)
    expect(isHeld(moment)).toBe(false)
    expect(isConfirmed(moment, { confirm: true })).toBe(false)
  })

  it('keeps the watermark, and reports the hold', () => {
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
    const done = { ledgerLength: 1, setDue: null, random: 0 }
    const failed = nextState(confirmed, moment, reportOf({ result: 'incomplete' }), PLAN, done)
    expect(failed.confirmed).toBe(confirmed.confirmed)
    expect(nextState(failed, moment, reportOf(), PLAN, done).confirmed).toBeNull()
    const elsewhere = { ...moment, listing: LISTING }
    expect(
      nextState(confirmed, elsewhere, reportOf({ result: 'incomplete' }), PLAN, done).confirmed,
    ).toBeNull()
  })
})

describe('a prompt that waits for the end of a freeze', () => {
  it('makes the first pass after it a full one, and causes no pass if nothing waits', () => {
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

  it('are ten, newest first', () => {
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

  it('share one entry if the same failure repeats', () => {
    const trouble = pass({ result: 'failed', message: 'No.' })
    const twice = withPass(withPass([pass()], trouble), { ...trouble, finished_at: 'g' })
    expect(twice).toEqual([{ ...trouble, finished_at: 'g', times: 2 }, pass()])
    expect(withPass(twice, { ...trouble, message: 'Other.' })).toHaveLength(3)
    expect(withPass([pass()], pass())).toHaveLength(2)
  })
})

describe('clipped text', () => {
  it('is whole if it fits, otherwise as much as fits, and always valid for JSON and the registry', () => {
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
    .chain((character) => fc.integer({ min: 0, max: 4000 }).map((length) => character.repeat(length)))
  const found = fc.record({
    code: fc.constantFrom('held' as const, 'refused' as const, 'layout_invalid' as const),
    subject: fc.record({ kind: fc.constant('prompt' as const), name: nasty }),
    message: nasty,
    cause: fc.option(nasty),
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
    found: fc.array(found, { maxLength: 30 }),
  })
  const at = new Date(NOW).toISOString()
  const moment = settledMoment({ frozenUntil: NOW + 1 })
  const unverified = Array.from({ length: 6000 }, (_, index) =>
    tagKey({ name: `v1.${index}.0`, commit: COMMIT }),
  )

  it("fits the registry's limits after any passes, and is read back unchanged", () => {
    fc.assert(
      fc.property(fc.array(reports, { minLength: 1, maxLength: 14 }), (all) => {
        let state: SourceState = unsettled('config', 0, NOW)
        for (const { found: some, ...different } of all) {
          state = step(state, reportOf(different), some)
          expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(LIMITS.sourceStateBytes)
          expect(parseState(JSON.parse(JSON.stringify(state)))).toEqual(state)
        }
      }),
      { numRuns: runs(6) },
    )
    // The worst case: long findings, thousands of unsigned tags, and ten passes with long messages, one of them held.
    // Texts are cut at far less; more characters only take longer.
    const long = '\u0001'.repeat(2000)
    const many = Array.from({ length: 300 }, (_, n) => ({
      code: 'held' as const,
      subject: { kind: 'prompt' as const, name: `${n}${long}` },
      message: long,
      cause: long,
    }))
    let worst = step(unsettled('config', 0, NOW), reportOf(), many)
    for (let n = 0; n < 12; n++)
      worst = step(worst, reportOf({ result: 'failed', message: `${n}${long}` }), many)
    worst = step(worst, reportOf({ result: 'held', message: long }), many)
    const bytes = Buffer.byteLength(JSON.stringify(worst))
    expect(bytes).toBeGreaterThan(LIMITS.sourceStateBytes / 2)
    expect(bytes).toBeLessThan(LIMITS.sourceStateBytes)
  })

  function step(before: SourceState, report: PassReport, some: readonly NewFinding[]): SourceState {
    const findings = nextFindings([], some, () => true, at)
    const known = { counts: countFindings(findings), findings }
    const seen = { ...known, branch: 'main', commit: COMMIT, frozenUntil: NOW, verify: 'require' } as const
    const observed = conditionsOf(seen)
    switch (report.result) {
      case 'held':
        return withConditions(withFindings(heldState(before, moment, report), findings), observed, report)
      case 'failed': {
        const failure = failedConditions(report.message ?? '', { fetched: false, code: 'unreachable' })
        return withConditions(failedState(before, report, 0), failure, report)
      }
      case 'suspended':
        return withConditions(checkedState(before, report), observed, report)
      default: {
        const done = { ledgerLength: 1, setDue: null, random: 0 }
        const state = nextState(before, moment, report, { ...PLAN, unverified }, done)
        return withConditions(withFindings(state, findings), observed, report)
      }
    }
  }
})
