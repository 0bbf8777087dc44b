import { type LaneLimits, nextTurn, type RunningTurn, type TurnState } from './next-turn.ts'

/** Tells how the place of a turn answers, while the turn goes on. */
export type NoteStanding = (standing: Exclude<TurnState, 'unknown'>) => void

/** Runs the work as soon as its place has a turn. */
export type TakeTurn = <T>(place: string, work: (note: NoteStanding) => Promise<T>) => Promise<T>

export interface PlaceTurnsOptions {
  readonly limits: LaneLimits
  /** Rejects when its signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** No look takes as long, and few first fetches do. */
const LONG_TURN_MS = 60_000

/**
 * Schedules turns of places, so that a slow one never takes the turn of another. A turn that takes long goes on in the
 * side lane, while there is room, and its place counts as slow until it ends.
 */
export function createPlaceTurns({ limits, pause }: PlaceTurnsOptions): TakeTurn {
  const standings = new Map<string, TurnState>()
  const running = new Set<{ -readonly [Key in keyof RunningTurn]: RunningTurn[Key] }>()
  const waiting: { readonly place: string; readonly begin: (lane: RunningTurn['lane']) => void }[] = []

  const standingOf = (place: string) => standings.get(place) ?? 'unknown'
  const beginNext = () => {
    for (;;) {
      const places = waiting.map(({ place }) => place)
      const next = nextTurn({ running: [...running], waiting: places, standingOf, limits })
      if (next === undefined) return
      const [turn] = waiting.splice(next.index, 1)
      turn?.begin(next.lane)
    }
  }
  const note = (place: string, standing: TurnState) => {
    standings.set(place, standing)
    beginNext()
  }

  return async (place, work) => {
    const { promise, resolve: begun } = Promise.withResolvers<{ lane: RunningTurn['lane']; place: string }>()
    waiting.push({
      place,
      begin(lane) {
        const turn = { place, lane }
        running.add(turn)
        begun(turn)
      },
    })
    beginNext()
    const turn = await promise
    const ended = new AbortController()
    const watchLength = async () => {
      await pause(LONG_TURN_MS, ended.signal)
      const sideTurns = [...running].filter(({ lane }) => lane === 'side').length
      if (sideTurns < limits.side) turn.lane = 'side'
      note(place, 'slow')
    }
    watchLength().catch(() => {})
    let standing: TurnState = 'answers'
    try {
      return await work((noted) => {
        standing = noted
        note(place, noted)
      })
    } finally {
      ended.abort()
      running.delete(turn)
      note(place, standing)
    }
  }
}
