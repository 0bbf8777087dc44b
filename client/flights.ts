import type { Settled } from './outcome.ts'
import type { Question } from './tier.ts'
import type { SetTimer } from './transport/timer.ts'

/** One search that is under way, for one prompt or for several. */
export interface Flight {
  readonly startedAt: number
  readonly outcome: Promise<Settled>
  /**
   * The outcome for one caller, who may leave: when the signal aborts, or after `patienceMs` with `late`. A search that
   * nobody waits for any more is ended, unless it runs in the background.
   */
  wait(limits: WaitLimits): Promise<Settled | 'late' | 'aborted'>
}

export interface WaitLimits {
  readonly signal?: AbortSignal | undefined
  readonly patienceMs?: number | undefined
}

/** Starts one search for all keys. */
export type Launch = (
  questions: readonly Question[],
  run: { readonly signal: AbortSignal | undefined; readonly background: boolean },
) => Promise<readonly Settled[]>

export interface FlightKind {
  readonly background: boolean
  /** Whether its first caller may leave. If not, it is never ended, and needs no signal. */
  readonly mayEnd: boolean
}

/** At most one search at a time for each reference and mode, which all callers share. */
export interface Flights {
  get(key: string): Flight | undefined
  /** None of the questions may be under way. */
  start(questions: readonly Question[], how: FlightKind): readonly Flight[]
  readonly size: number
}

export function createFlights(
  launch: Launch,
  { clock, setTimer }: { readonly clock: () => number; readonly setTimer: SetTimer },
): Flights {
  const flights = new Map<string, Flight>()
  return {
    get: (key) => flights.get(key),
    get size() {
      return flights.size
    },
    start(questions, { background, mayEnd }) {
      const controller = mayEnd && !background ? new AbortController() : undefined
      const mine: Flight[] = []
      const land = (n: number) => {
        const key = questions[n]?.key as string
        if (flights.get(key) === mine[n]) flights.delete(key)
      }
      let waiters = 0
      const leave = () => {
        waiters--
        if (waiters > 0 || controller === undefined) return
        for (const n of questions.keys()) land(n)
        controller.abort()
      }
      const all = launch(questions, { signal: controller?.signal, background })
      for (const [n, { key }] of questions.entries()) {
        const outcome = all.then(
          (outcomes) => {
            land(n)
            return outcomes[n] as Settled
          },
          (error) => {
            land(n)
            throw error
          },
        )
        // Whoever waits sees the error. Nobody waits for what runs in the background.
        if (background) outcome.catch(() => undefined)
        const flight: Flight = {
          startedAt: clock(),
          outcome,
          wait: (limits) => {
            waiters++
            const waited = wait(outcome, limits, { setTimer, leave })
            return background ? keptAlive(waited, setTimer) : waited
          },
        }
        mine.push(flight)
        flights.set(key, flight)
      }
      return mine
    },
  }
}

const LONG_MS = 2 ** 31 - 1

/** A search in the background lets the process end, but not while somebody waits for it. */
function keptAlive<T>(waited: Promise<T>, setTimer: SetTimer): Promise<T> {
  return waited.finally(setTimer(() => undefined, LONG_MS))
}

function wait(
  outcome: Promise<Settled>,
  { signal, patienceMs }: WaitLimits,
  { setTimer, leave }: { readonly setTimer: SetTimer; readonly leave: () => void },
): Promise<Settled | 'late' | 'aborted'> {
  if (signal === undefined && patienceMs === undefined) return outcome
  if (patienceMs !== undefined && patienceMs <= 0) return Promise.resolve('late')
  return new Promise((resolve, reject) => {
    const settle = (result: Settled | 'late' | 'aborted') => {
      stop()
      signal?.removeEventListener('abort', abort)
      resolve(result)
    }
    const abort = () => {
      settle('aborted')
      leave()
    }
    // Whoever has a known text goes on with it; the search goes on too, for the next caller.
    const stop = patienceMs === undefined ? () => undefined : setTimer(() => settle('late'), patienceMs)
    signal?.addEventListener('abort', abort, { once: true })
    outcome.then(settle, (error) => {
      stop()
      signal?.removeEventListener('abort', abort)
      reject(error)
    })
  })
}
