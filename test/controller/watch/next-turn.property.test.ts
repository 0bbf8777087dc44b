import { describe, expect, it } from 'vitest'
import {
  type Lanes,
  nextTurn,
  type RunningTurn,
  type TurnState,
} from '../../../controller/watch/next-turn.ts'
import fc from '../../support/fast-check.ts'

const PLACES = ['a', 'b', 'c', 'd', 'e']
const LIMITS = { main: 3, side: 2 }

const place = fc.constantFrom(...PLACES)
const standing = fc.constantFrom<TurnState>('unknown', 'answers', 'slow')
/** What happens to places: one asks for a turn, the oldest turn of one ends, or it answers in another way. */
const step = fc.oneof(
  fc.record({ do: fc.constant('ask' as const), place }),
  fc.record({ do: fc.constant('end' as const), place }),
  fc.record({ do: fc.constant('note' as const), place, standing }),
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** Takes all turns that may be taken after each step; `look` sees each moment before a turn is taken. */
function play(steps: readonly Step[], look: (lanes: Lanes, next: ReturnType<typeof nextTurn>) => void): void {
  const standings = new Map<string, TurnState>()
  const standingOf = (one: string) => standings.get(one) ?? 'unknown'
  let running: RunningTurn[] = []
  let waiting: string[] = []
  for (const one of steps) {
    if (one.do === 'ask') waiting.push(one.place)
    else if (one.do === 'note') standings.set(one.place, one.standing)
    else {
      const index = running.findIndex((turn) => turn.place === one.place)
      if (index >= 0) running = running.toSpliced(index, 1)
    }
    for (;;) {
      const lanes = { running, waiting, standingOf, limits: LIMITS }
      const next = nextTurn(lanes)
      look(lanes, next)
      if (next === undefined) break
      running = [...running, { place: waiting[next.index] ?? '', lane: next.lane }]
      waiting = waiting.toSpliced(next.index, 1)
    }
  }
}

const always = (look: Parameters<typeof play>[1]) =>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => play(steps, look)),
    { numRuns: 500 },
  )

const mainTurns = ({ running }: Lanes) => running.filter(({ lane }) => lane === 'main').length
const turnsOf = ({ running }: Lanes, one: string) => running.filter((turn) => turn.place === one).length

describe('the turns of places', () => {
  it('are never more than their lanes have', () => {
    always((lanes) => {
      expect(mainTurns(lanes)).toBeLessThanOrEqual(LIMITS.main)
      expect(lanes.running.length - mainTurns(lanes)).toBeLessThanOrEqual(LIMITS.side)
    })
  })

  it('are one at a time for a place that does not answer, in the side lane', () => {
    always((lanes, next) => {
      if (next === undefined) return
      const asking = lanes.waiting[next.index] ?? ''
      if (lanes.standingOf(asking) === 'answers') expect(next.lane).toBe('main')
      else expect([next.lane, turnsOf(lanes, asking)]).toEqual(['side', 0])
    })
  })

  it('come at once to a place that answers, unless others that answered have all of the main lane', () => {
    always((lanes, next) => {
      const answering = lanes.waiting.some((one) => lanes.standingOf(one) === 'answers')
      if (answering && next?.lane !== 'main') expect(mainTurns(lanes)).toBe(LIMITS.main)
    })
  })

  it('come first to the place that answers and has the fewest, and of these to the one that came first', () => {
    always((lanes, next) => {
      if (next?.lane !== 'main') return
      const asking = lanes.waiting[next.index] ?? ''
      for (const [index, other] of lanes.waiting.entries()) {
        if (lanes.standingOf(other) !== 'answers') continue
        const [own, others] = [turnsOf(lanes, asking), turnsOf(lanes, other)]
        expect(own).toBeLessThanOrEqual(others)
        if (own === others) expect(next.index).toBeLessThanOrEqual(index)
      }
    })
  })

  it('come to unknown places before slow ones', () => {
    always((lanes, next) => {
      if (next?.lane !== 'side' || lanes.standingOf(lanes.waiting[next.index] ?? '') === 'unknown') return
      const unknown = lanes.waiting.filter((one) => lanes.standingOf(one) === 'unknown')
      for (const one of unknown) expect(turnsOf(lanes, one)).toBeGreaterThan(0)
    })
  })
})
