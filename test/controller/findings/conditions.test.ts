import { describe, expect, it } from 'vitest'
import {
  type ConditionInput,
  changesConditions,
  conditionsOf,
  failedConditions,
  type NewCondition,
  nextConditions,
  suspendedCondition,
} from '../../../controller/findings/conditions.ts'
import type { Finding } from '../../../controller/findings/finding.ts'
import { countFindings } from '../../../controller/findings/findings.ts'
import { NOW } from '../../support/planned-source.ts'

const ready = (status: 'True' | 'False', reason: string): NewCondition => ({
  type: 'Ready',
  status,
  reason,
  message: `It is ${reason}.`,
  commit: null,
})

describe('conditions', () => {
  it('keep their time while the status is the same, even if reason and message change', () => {
    const first = nextConditions([], [ready('False', 'unreachable')], 't1')
    const second = nextConditions(first, [ready('False', 'failed')], 't2')
    expect(second).toEqual([{ ...ready('False', 'failed'), since: 't1' }])
    expect(nextConditions(second, [ready('True', 'synced')], 't3')[0]?.since).toBe('t3')
  })

  it('stay if not observed, in a fixed order', () => {
    const held: NewCondition = { ...ready('False', 'free'), type: 'Held' }
    const before = nextConditions([], [held], 't1')
    const after = nextConditions(before, [ready('True', 'synced')], 't2')
    expect(after.map(({ type, since }) => `${type} ${since}`)).toEqual(['Ready t2', 'Held t1'])
  })

  it('change with a status or a reason, but not with the message', () => {
    const before = nextConditions([], [ready('False', 'failed')], 't1')
    expect(changesConditions(before, [{ ...ready('False', 'failed'), message: 'other' }])).toBe(false)
    expect(changesConditions(before, [ready('False', 'unreachable')])).toBe(true)
    expect(changesConditions(before, [ready('True', 'failed')])).toBe(true)
    expect(changesConditions([], [ready('True', 'synced')])).toBe(true)
    expect(changesConditions(before, [])).toBe(false)
  })
})

describe('the observed condition', () => {
  const finding = (code: Finding['code'], name: string, message = `${name} is ${code}.`): Finding => ({
    ...{ code, subject: { kind: 'prompt', name }, message, first_seen: 't' },
  })
  const observed = (findings: readonly Finding[], different: Partial<ConditionInput> = {}) =>
    conditionsOf({
      counts: countFindings(findings),
      findings,
      branch: 'main',
      commit: 'c'.repeat(40),
      frozenUntil: null,
      verify: 'off',
      ...different,
    })
  const words = (conditions: readonly NewCondition[]) =>
    conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort()
  const messageOf = (type: NewCondition['type'], conditions: readonly NewCondition[]) =>
    conditions.find((condition) => condition.type === type)?.message

  it('of a source without findings is good', () => {
    expect(words(observed([]))).toEqual([
      'Drifted False InStep',
      'Fetched True Listed',
      'Held False Free',
      'Ready True Synced',
    ])
    expect(messageOf('Ready', observed([]))).toBe('The registry is up to date with commit cccccccccccc.')
  })

  it('of a source with notices only is good', () => {
    expect(words(observed([finding('tag_lower', 'v1.0.0')]))).toEqual(words(observed([])))
  })

  it('names the most severe problem, with the count of each code', () => {
    const found = [finding('quarantined', 'a.md'), finding('refused', 'b'), finding('refused', 'c')]
    const conditions = observed(found)
    expect(words(conditions)).toContain('Ready False Refused')
    expect(messageOf('Ready', conditions)).toBe('2 refused, 1 quarantined. b is refused.')
    expect(messageOf('Ready', observed([finding('nothing_found', '', 'There is no prompt.')]))).toBe(
      'There is no prompt.',
    )
  })

  it('of a held prompt names it, even during a freeze', () => {
    const conditions = observed([finding('held', 't'), finding('held', 'u')])
    expect(words(conditions)).toEqual([
      'Drifted False InStep',
      'Fetched True Listed',
      'Held True Held',
      'Ready False Held',
    ])
    expect(messageOf('Held', conditions)).toBe('Releases wait: t, u.')
    const frozen = observed([finding('held', 't')], { frozenUntil: NOW })
    expect(words(frozen)).toContain('Held True Frozen')
    expect(messageOf('Held', frozen)).toBe(
      `Nothing is promoted until the freeze ends at ${new Date(NOW).toISOString()}. Releases wait: t.`,
    )
    // A freeze in which nothing waits does not affect Ready.
    expect(words(observed([], { frozenUntil: NOW }))).toEqual([
      'Drifted False InStep',
      'Fetched True Listed',
      'Held True Frozen',
      'Ready True Synced',
    ])
  })

  it('of a mass change is that a person must confirm it', () => {
    const conditions = observed([finding('mass_change', 'demo', 'Too much.')])
    expect(words(conditions)).toContain('Held True MassChange')
    expect(words(conditions)).toContain('Ready False MassChange')
    expect(messageOf('Held', conditions)).toBe('Too much.')
  })

  it('of drift names the first prompts and counts the rest', () => {
    const found = Array.from({ length: 7 }, (_, n) => finding('drifted', `p${n}`))
    const conditions = observed(found)
    expect(words(conditions)).toContain('Drifted True SetByHand')
    expect(words(conditions)).toContain('Ready False Drifted')
    expect(messageOf('Drifted', conditions)).toContain('p0, p1, p2, p3, p4 and 2 more.')
  })

  it('of signatures names the tags without one, and is absent if the source does not verify tags', () => {
    const unsigned = (count: number) =>
      Array.from({ length: count }, (_, n) => finding('tag_unverified', `v${n}`))
    const pending = finding('signatures_pending', '')
    const verified = (findings: readonly Finding[], verify: ConditionInput['verify']) =>
      words(observed(findings, { verify })).filter((word) => word.startsWith('Verified'))
    expect(verified(unsigned(1), 'off')).toEqual([])
    expect(verified([], 'require')).toEqual(['Verified True Verified'])
    expect(verified([pending], 'require')).toEqual(['Verified Unknown Pending'])
    expect(verified([...unsigned(1), pending], 'require')).toEqual(['Verified False Refused'])
    expect(verified(unsigned(1), 'warn')).toEqual(['Verified False Unverified'])
    expect(verified([finding('release_unverified', 'v9')], 'require')).toEqual(['Verified False Refused'])
    const message = (count: number) => messageOf('Verified', observed(unsigned(count), { verify: 'require' }))
    expect(message(1)).toMatch(/^1 release tag has no accepted signature: v0\.$/)
    expect(message(6)).toMatch(/^6 release tags have .*: v0, v1, v2, v3, v4 and 1 more\.$/)
  })

  it('of a failure is that of the failed step, and the other conditions stay', () => {
    expect(words(failedConditions('No.', { fetched: false, code: 'object_missing' }))).toEqual([
      'Fetched False ObjectMissing',
      'Ready False ObjectMissing',
    ])
    expect(words(failedConditions('No.', { fetched: true, code: 'busy' }))).toEqual(['Ready False Busy'])
    expect(words([suspendedCondition('Off.', null)])).toEqual(['Held True Suspended'])
  })
})
