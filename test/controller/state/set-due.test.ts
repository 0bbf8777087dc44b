import { describe, expect, it } from 'vitest'
import type { PromoteChange } from '../../../controller/plan/changes.ts'
import type { OutcomeKind } from '../../../controller/plan/outcomes.ts'
import { decideSet, dueBefore, unfinishedRelease } from '../../../controller/state/set-due.ts'
import { COMMIT, PLAN } from '../../support/planned-source.ts'

const release = { tag: 'v1.1.0', version: '1.1.0' }
const set = { release, added: 0, replaced: 2, removed: 0 }
const promotion = (id: string): PromoteChange => ({
  evidence: [],
  ...{ do: 'promote', id, version: 'v', identity: 'i', release: '1.1.0', tag: 'v1.1.0' },
  ...{ commit: COMMIT, from: 'u', swaps: true },
})
const plan = { ...PLAN, set, current: ['a', 'b'].map((id) => ({ id, changes: [promotion(id)] })) }
const outcomes = (...kinds: OutcomeKind[]) =>
  kinds.map((kind, n) => ({ change: promotion(['a', 'b'][n] ?? ''), kind, code: null, message: null }))

describe('a set that is due', () => {
  it('moves when every promotion has a definite outcome', () => {
    for (const kind of ['done', 'unchanged', 'held', 'lower', 'refused'] as const)
      expect(decideSet(null, plan, outcomes('done', kind))).toEqual({ moves: true, due: null, without: [] })
  })

  it('waits while a promotion fails, and moves without it after three passes', () => {
    const first = decideSet({ release, passes: 0 }, plan, outcomes('done', 'failed'))
    expect(first).toEqual({ moves: false, due: { release, passes: 1 }, without: ['b'] })
    const second = decideSet(first.due, plan, outcomes('done', 'failed'))
    expect(second.moves).toBe(false)
    const third = decideSet(second.due, plan, outcomes('done', 'failed'))
    expect(third).toEqual({ moves: true, due: { release, passes: 3 }, without: ['b'] })
    expect(decideSet(third.due, plan, outcomes('failed', 'done')).moves).toBe(true)
  })

  it('moves if only a draft failed', () => {
    const push = { do: 'archive', id: 'c', commit: COMMIT, movedTo: null } as const
    const mixed = { ...plan, current: [...plan.current, { id: 'c', changes: [push] }] }
    const failed = { change: push, kind: 'failed', code: null, message: null } as const
    expect(decideSet(null, mixed, [...outcomes('done', 'done'), failed]).moves).toBe(true)
  })

  it('is due no longer if the plan finds it in place', () => {
    expect(decideSet({ release, passes: 2 }, { ...plan, set: null }, [])).toEqual({
      ...{ moves: false, due: null, without: [] },
    })
  })

  it('names the release that an earlier pass left, unless the source was rolled back from it since', () => {
    const due = { release, passes: 0 }
    expect(unfinishedRelease(due, null)).toEqual(release)
    expect(unfinishedRelease(due, { above: '1.0.0' })).toEqual(release)
    expect(unfinishedRelease(due, { above: '1.1.0' })).toBeNull()
    expect(unfinishedRelease(null, null)).toBeNull()
  })

  it('has all its passes again with a new release', () => {
    expect(dueBefore({ release, passes: 2 }, set)).toEqual({ release, passes: 2 })
    expect(dueBefore({ release: { tag: 'v1.0.0', version: '1.0.0' }, passes: 2 }, set)?.passes).toBe(0)
    expect(dueBefore(null, set)).toEqual({ release, passes: 0 })
    expect(dueBefore({ release, passes: 2 }, null)).toEqual({ release, passes: 2 })
  })
})
