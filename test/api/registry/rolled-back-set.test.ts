import { describe, expect, it } from 'vitest'
import {
  earlierSet,
  rolledBackRelease,
  rolledBackSet,
  unsettledPrompts,
} from '../../../api/registry/rolled-back-set.ts'
import type { SetMove } from '../../../api/store/set-records.ts'

/** Moves, oldest first, as `act release set`. */
function movesOf(...lines: readonly string[]): SetMove[] {
  const moves = lines.map((line, index): SetMove => {
    const [act, release, set] = line.split(' ') as [SetMove['act'], string, string]
    return {
      ...{
        source: 'demo',
        sequence: index + 1,
        act,
        actor: 'ada',
        reason: null,
        previous: null,
        revoked: [],
      },
      ...{ release, set: set === 'none' ? null : set, movedAt: '2026-03-01T12:00:00.000Z' },
    }
  })
  return moves.reverse()
}

const at = (moves: readonly SetMove[], name?: string) => earlierSet(moves, name)?.digest

describe('the set that a source goes back to', () => {
  const three = ['release v1 one', 'release v2 two', 'release v3 three']

  it('is the one before the current release', () => {
    expect(earlierSet(movesOf(...three), undefined)).toMatchObject({ digest: 'two', release: 'v2' })
    expect(at(movesOf('release v1 one'))).toBeUndefined()
    expect(at([])).toBeUndefined()
  })

  it('has the changes by hand that were made to it, and passes over those made since', () => {
    const moves = movesOf('release v1 one', 'revoke v1 changed', 'release v2 two', 'rollback v2 later')
    expect(at(moves)).toBe('changed')
    expect(at(moves, 'v1')).toBe('changed')
    expect(earlierSet(moves, 'v1')?.since.map(({ set }) => set)).toEqual(['later', 'two'])
  })

  it('is one release lower after each rollback, and never a later one', () => {
    const once = [...three, 'rollback_source v2 two']
    expect(at(movesOf(...once))).toBe('one')
    expect(at(movesOf(...once, 'hold v2 held', 'rollback_source v1 one'))).toBeUndefined()
    expect(at(movesOf(...once, 'release v4 four'))).toBe('two')
  })

  it('is that of a tag, or with a digest or its beginning', () => {
    const digest = 'abcdef0123456789'
    const moves = movesOf('release v1 one', `release v2 ${digest}`, 'release v3 three')
    expect(at(moves, 'v2')).toBe(digest)
    expect(at(moves, digest)).toBe(digest)
    expect(at(moves, 'abcdef01')).toBe(digest)
    expect(at(moves, 'abcdef0')).toBeUndefined()
    expect(at(moves, 'v9')).toBeUndefined()
  })

  it('is never the time before the first set', () => {
    expect(at(movesOf('release v0 none', 'release v1 one'))).toBeUndefined()
  })
})

describe('a set that was rolled back', () => {
  const prompt = (promptId: string, identity: string | null = null, highest: string | null = null) => ({
    ...{ promptId, identity, highest },
  })
  const nothing = { revoked: new Set<string>(), received: new Set<string>() }

  it('has the members of the target that the source still owns', () => {
    const served = [prompt('a'), prompt('b')]
    const { members } = rolledBackSet({
      ...{ source: 'demo', target: { a: 'a1', gone: 'g1' }, current: { a: 'a2', b: 'b2' }, served },
      ...nothing,
    })
    expect(members).toEqual({ a: 'a1' })
  })

  it('keeps what a revoked version was replaced with, and prompts that came from another source', () => {
    const served = [prompt('a'), prompt('b'), prompt('c'), prompt('d')]
    const { members } = rolledBackSet({
      ...{ source: 'demo', target: { a: 'a1', b: 'b1', c: 'c1' }, current: { a: 'a2', c: 'c2', d: 'd2' } },
      ...{ served, revoked: new Set(['a', 'b']), received: new Set(['c', 'd']) },
    })
    expect(members).toEqual({ a: 'a2', c: 'c1', d: 'd2' })
  })

  it('leaves open the prompts that serve another version, or one that the set lacks', () => {
    const served = [prompt('a', 'a1'), prompt('b', 'b2'), prompt('c', 'c1'), prompt('d')]
    const open = unsettledPrompts({ source: 'demo', members: { a: 'a1', b: 'b1' } }, served)
    expect(open.map(({ promptId }) => promptId)).toEqual(['b', 'c'])
  })

  it('holds releases up to the highest that is rolled back, now or before', () => {
    expect(rolledBackRelease([prompt('a', 'x', '1.9.0'), prompt('b', 'y', '1.10.0')], null)).toBe('1.10.0')
    expect(rolledBackRelease([prompt('a', 'x', '1.9.0'), prompt('b')], '2.0.0')).toBe('2.0.0')
    expect(rolledBackRelease([], null)).toBeNull()
  })
})
