import { describe, expect, it } from 'vitest'
import type {
  HealChange,
  PlannedChange,
  PromoteChange,
  RetireChange,
} from '../../../controller/plan/changes.ts'
import { planSet, type StandingSet } from '../../../controller/plan/planned-set.ts'

const promote = (id: string, different: Partial<PromoteChange> = {}): PromoteChange => ({
  ...{ do: 'promote', id, version: 'new', identity: `${id} new`, release: '1.1.0', tag: 'v1.1.0' },
  ...{ commit: 'c', from: 'old', swaps: true, evidence: [], ...different },
})
const retire = (id: string): RetireChange => ({
  ...{ do: 'retire', id, release: '1.1.0', tag: 'v1.1.0', commit: 'c', from: 'old' },
})
const heal = (id: string): HealChange => ({
  ...{ do: 'heal', id, latest: null },
  stable: { version: 'new', identity: `${id} new`, release: '1.1.0' },
})
const archive = (id: string): PlannedChange => ({ do: 'archive', id, commit: 'c', movedTo: null })

const standing = (members: Record<string, string> | null, served: Record<string, string>): StandingSet => ({
  members: members === null ? null : new Map(Object.entries(members)),
  release: 'v1.0.0',
  served: new Map(Object.entries(served)),
})
/** All tags without a prompt's id. */
const wholeRelease = (tag: string) => (tag.startsWith('v') ? tag.slice(1) : undefined)
const known = { standing: null, unfinished: null, wholeRelease }
const V1 = { tag: 'v1.1.0', version: '1.1.0' }

describe('the move of a set', () => {
  it('counts the prompts that the changes add, replace and remove', () => {
    const changes = [promote('a'), promote('b', { from: null }), retire('c'), heal('d'), archive('e')]
    expect(planSet(changes, known)).toEqual({ release: V1, added: 1, replaced: 2, removed: 1 })
  })

  it('is none if no change replaces what a prompt serves', () => {
    expect(planSet([archive('a')], known)).toBeNull()
    expect(
      planSet([], { standing: standing({ a: '1' }, { a: '1' }), unfinished: null, wholeRelease }),
    ).toBeNull()
  })

  it('is due for a release of unchanged prompts, so that the set names the release', () => {
    const same = promote('a', { swaps: false })
    expect(planSet([same], known)).toEqual({ release: V1, added: 0, replaced: 0, removed: 0 })
  })

  it('names the highest of several releases', () => {
    const higher = promote('b', { release: '1.10.0', tag: 'b@1.10.0' })
    const planned = planSet([promote('a', { release: '1.9.0', tag: 'a@1.9.0' }), higher], known)
    expect(planned?.release).toEqual({ tag: 'b@1.10.0', version: '1.10.0' })
  })

  it('names the release that retires a prompt, not an older one that the prompt waited for', () => {
    const waited = promote('a', { release: '1.0.0', tag: 'v1.0.0' })
    expect(planSet([waited, retire('a')], known)?.release).toEqual(V1)
  })

  it('is not named after a release below that of the current set, which it completes', () => {
    const newest = { ...standing({ a: 'a old' }, { a: 'a new' }), release: 'v1.2.0' }
    const planned = planSet([promote('a')], { standing: newest, unfinished: V1, wholeRelease })
    const named = { tag: 'v1.2.0', version: '1.2.0' }
    expect(planned).toEqual({ release: named, added: 0, replaced: 1, removed: 0 })
    const same = { ...newest, served: newest.members ?? new Map() }
    expect(
      planSet([promote('a', { swaps: false })], { standing: same, unfinished: V1, wholeRelease }),
    ).toBeNull()
  })

  it('is named after the release of a single prompt, whose number says nothing about others', () => {
    const newest = { ...standing({ a: 'a old' }, { a: 'a old' }), release: 'v1.2.0' }
    const one = promote('a', { release: '0.3.0', tag: 'a@0.3.0' })
    expect(planSet([one], { standing: newest, unfinished: null, wholeRelease })?.release?.tag).toBe('a@0.3.0')
    const last = { ...newest, release: 'b@9.0.0' }
    expect(planSet([promote('a')], { standing: last, unfinished: null, wholeRelease })?.release).toEqual(V1)
  })

  it('is due before the first set as soon as something is served', () => {
    const first = (served: Record<string, string>) =>
      planSet([], { standing: standing(null, served), unfinished: null, wholeRelease })
    expect(first({})).toBeNull()
    expect(first({ a: '1' })).toEqual({ release: null, added: 1, replaced: 0, removed: 0 })
  })

  it('includes what an earlier pass left, and counts a prompt once', () => {
    const left = standing({ a: 'a old', b: 'b old' }, { a: 'a new', b: 'b old' })
    expect(planSet([], { standing: left, unfinished: V1, wholeRelease })).toEqual({
      ...{ release: V1, added: 0, replaced: 1, removed: 0 },
    })
    const again = promote('a', { identity: 'a newer', release: '1.2.0', tag: 'v1.2.0' })
    expect(planSet([again], { standing: left, unfinished: V1, wholeRelease })).toEqual({
      ...{ release: { tag: 'v1.2.0', version: '1.2.0' }, added: 0, replaced: 1, removed: 0 },
    })
  })

  it('is due if an earlier pass left only the name of its release', () => {
    const same = standing({ a: '1' }, { a: '1' })
    expect(planSet([], { standing: same, unfinished: V1, wholeRelease })?.release).toEqual(V1)
    expect(planSet([], { standing: { ...same, release: 'v1.1.0' }, unfinished: V1, wholeRelease })).toBeNull()
  })

  it('counts a prompt that is promoted and retired at once as removed only if it was there', () => {
    expect(planSet([promote('a'), retire('a')], known)).toMatchObject({ added: 0, replaced: 0, removed: 1 })
    const brief = [promote('a', { from: null }), retire('a')]
    expect(planSet(brief, known)).toMatchObject({ added: 0, replaced: 0, removed: 0 })
  })
})
