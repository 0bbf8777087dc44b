/**
 * How a place answered last. `slow`: it could not be reached, did not answer in time, or has a turn that takes long.
 * `unknown`: nobody has asked it yet.
 */
export type TurnState = 'unknown' | 'answers' | 'slow'

export interface RunningTurn {
  readonly place: string
  /** `main`: its place answered when it began. `side`: it did not, or the turn takes long. */
  readonly lane: 'main' | 'side'
}

/** Turns at once: of places that answer, and of all others. */
export interface LaneLimits {
  readonly main: number
  readonly side: number
}

export interface Lanes {
  readonly running: readonly RunningTurn[]
  /** The places that wait for a turn, the first that came first. */
  readonly waiting: readonly string[]
  readonly standingOf: (place: string) => TurnState
  readonly limits: LaneLimits
}

export interface NextTurn {
  /** In `waiting`. */
  readonly index: number
  readonly lane: RunningTurn['lane']
}

/**
 * The turn that may begin now; `undefined` if there is none. Places that answer share the turns of the main lane: the one
 * with the fewest goes first. A place that does not answer, or that nobody knows yet, gets one turn at a time in the side
 * lane, the unknown ones first. So no place ever waits for the turn of a slower one. Pure.
 */
export function nextTurn({ running, waiting, standingOf, limits }: Lanes): NextTurn | undefined {
  const sideTurns = running.filter(({ lane }) => lane === 'side').length
  const mainTurns = running.length - sideTurns
  const turnsOf = (place: string) => running.filter((turn) => turn.place === place).length
  const candidates = waiting.map((place, index) => {
    return { index, standing: standingOf(place), turns: turnsOf(place) }
  })
  if (mainTurns < limits.main) {
    const answering = candidates.filter(({ standing }) => standing === 'answers')
    const [first] = answering.sort((a, b) => a.turns - b.turns || a.index - b.index)
    if (first !== undefined) return { index: first.index, lane: 'main' }
  }
  if (sideTurns < limits.side) {
    const others = candidates.filter(({ standing, turns }) => standing !== 'answers' && turns === 0)
    const first = others.find(({ standing }) => standing === 'unknown') ?? others[0]
    if (first !== undefined) return { index: first.index, lane: 'side' }
  }
  return undefined
}
