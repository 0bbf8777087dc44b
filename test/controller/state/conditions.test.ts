import { describe, expect, it } from 'vitest'
import { failureReport, idleReport } from '../../../controller/pass/pass-report.ts'
import { nextConditions, type Observation, saysOtherwise } from '../../../controller/state/conditions.ts'
import {
  failureObservations,
  observationsOf,
  verifiedObservation,
} from '../../../controller/state/observations.ts'
import { NOW, settledState } from '../../support/planned-source.ts'

const ready = (status: 'True' | 'False', reason: string): Observation => ({
  type: 'Ready',
  status,
  reason,
  message: `It is ${reason}.`,
  commit: null,
})

describe('conditions', () => {
  it('keep their time while the status is the same, whatever else is said', () => {
    const first = nextConditions([], [ready('False', 'unreachable')], 't1')
    const second = nextConditions(first, [ready('False', 'failed')], 't2')
    expect(second).toEqual([{ ...ready('False', 'failed'), since: 't1' }])
    expect(nextConditions(second, [ready('True', 'synced')], 't3')[0]?.since).toBe('t3')
  })

  it('stay where nobody looked, and come in one order', () => {
    const held: Observation = { ...ready('False', 'free'), type: 'Held' }
    const before = nextConditions([], [held], 't1')
    const after = nextConditions(before, [ready('True', 'synced')], 't2')
    expect(after.map(({ type, since }) => `${type} ${since}`)).toEqual(['Ready t2', 'Held t1'])
  })

  it('are news where a status or a reason changes, and not for other words', () => {
    const before = nextConditions([], [ready('False', 'failed')], 't1')
    expect(saysOtherwise(before, [{ ...ready('False', 'failed'), message: 'other' }])).toBe(false)
    expect(saysOtherwise(before, [ready('False', 'unreachable')])).toBe(true)
    expect(saysOtherwise(before, [ready('True', 'failed')])).toBe(true)
    expect(saysOtherwise([], [ready('True', 'synced')])).toBe(true)
    expect(saysOtherwise(before, [])).toBe(false)
  })
})

describe('what is observed', () => {
  const freeze = { frozenUntil: null, waiting: 0 }
  const words = (observed: readonly Observation[]) =>
    observed.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort()
  const idle = (state: Parameters<typeof settledState>[0]) =>
    idleReport('demo', settledState(state), NOW, NOW)

  it('of a look that found nothing to do is what is known', () => {
    expect(words(observationsOf(idle({}), 'main', 'c', freeze))).toEqual([
      'Fetched True listed',
      'Held False free',
      'Ready True synced',
    ])
    const waits = { retry: { attempt: 1, not_before: 'then' } }
    expect(words(observationsOf(idle(waits), 'main', 'c', freeze))).toContain('Ready False incomplete')
    const held = { held: { of: 'x', kind: 'full' as const, message: 'Too much.' } }
    expect(words(observationsOf(idle(held), 'main', 'c', freeze))).toEqual([
      'Fetched True listed',
      'Held True mass_change',
      'Ready False mass_change',
    ])
    const layout = { findings: [{ kind: 'layout', subject: '.promptctl.yaml', message: 'Wrong.' }] }
    expect(words(observationsOf(idle(layout), 'main', 'c', freeze))).toContain('Ready False layout')
  })

  it('does not say of files in quarantine that they are in the registry', () => {
    const messageWith = (quarantined_count: number) =>
      observationsOf(idle({ quarantined_count }), 'main', 'c', { frozenUntil: null, waiting: 0 }).find(
        ({ type }) => type === 'Ready',
      )?.message
    expect(messageWith(0)).toMatch(/is in the registry\.$/)
    expect(messageWith(1)).toMatch(/is in the registry, but for 1 file in quarantine\.$/)
    expect(messageWith(300)).toMatch(/, but for 300 files in quarantine\.$/)
  })

  it('in a freeze says until when, and how much waits', () => {
    const held = observationsOf(idle({}), 'main', 'c', { frozenUntil: NOW, waiting: 2 }).find(
      ({ type }) => type === 'Held',
    )
    expect(held).toMatchObject({ status: 'True', reason: 'frozen' })
    expect(held?.message).toContain(`until ${new Date(NOW).toISOString()}; 2 promotions wait`)
  })

  it('of signatures names the tags that lack one, and is nothing where nobody asks for them', () => {
    const unsigned = (count: number) => ({
      findings: Array.from({ length: count }, (_, index) => ({
        ...{ kind: 'unverified', subject: `v${index}`, message: 'It is not signed.' },
      })),
    })
    const observed = (count: number, mode: 'warn' | 'require', pending = 0) =>
      verifiedObservation(idle(unsigned(count)), { verification: { mode, unverified: [], pending } })
    expect(verifiedObservation(idle(unsigned(1)), { verification: null })).toEqual([])
    expect(words(observed(0, 'require'))).toEqual(['Verified True verified'])
    expect(words(observed(0, 'require', 7))).toEqual(['Verified Unknown pending'])
    expect(words(observed(1, 'require', 7))).toEqual(['Verified False refused'])
    expect(words(observed(1, 'warn'))).toEqual(['Verified False unverified'])
    expect(words(observed(6, 'require'))).toEqual(['Verified False refused'])
    expect(observed(1, 'require')[0]?.message).toMatch(/^1 release tag is not signed .*: v0\./)
    expect(observed(6, 'require')[0]?.message).toMatch(
      /^6 release tags are .*: v0, v1, v2, v3, v4 and others\./,
    )
  })

  it('of a failure says whose it was, and leaves the rest', () => {
    const report = failureReport('demo', 'No.', NOW, NOW)
    expect(words(failureObservations(report, { of: 'repository', reason: 'unreachable' }))).toEqual([
      'Fetched False unreachable',
      'Ready False unreachable',
    ])
    expect(words(failureObservations(report, { of: 'registry', reason: 'busy' }))).toEqual([
      'Ready False busy',
    ])
  })
})
