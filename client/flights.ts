import { NOTHING, type Settled } from './outcome.ts'
import type { Question } from './tier.ts'
import type { SetTimer } from './transport/timer.ts'

/** The part of a search that the callers of one prompt share. */
export interface Flight {
  readonly startedAt: number
  readonly search: SharedSearch
  outcome: Promise<Settled>
}

/** One search that is under way, for one prompt or for several. */
interface SharedSearch {
  readonly keys: readonly string[]
  readonly background: boolean
  readonly controller: AbortController | undefined
  waiters: number
}

export interface WaitLimits {
  readonly signal?: AbortSignal | undefined
  readonly patienceMs?: number | undefined
}

/** Starts one search for all questions. */
export type Launch = (
  questions: readonly Question[],
  run: { readonly signal: AbortSignal | undefined; readonly background: boolean },
) => Promise<readonly Settled[]>

export interface FlightKind {
  readonly background: boolean
  /** Whether its first caller may leave. If not, it is never ended, and needs no signal. */
  readonly mayEnd: boolean
}

interface FlightsOptions {
  readonly clock: () => number
  readonly setTimer: SetTimer
}

const LANDED = Promise.resolve(NOTHING)

/** At most one search at a time for each reference and mode, which all callers share. */
export class Flights {
  readonly #launch: Launch
  readonly #options: FlightsOptions
  // Not a Map: V8 links each table of a Map to the next, so whatever was in one may stay until a full collection.
  readonly #flights: Record<string, Flight> = Object.create(null)
  #size = 0

  constructor(launch: Launch, options: FlightsOptions) {
    this.#launch = launch
    this.#options = options
  }

  get size(): number {
    return this.#size
  }

  get(key: string): Flight | undefined {
    return this.#flights[key]
  }

  /** None of the questions may be under way. */
  start(questions: readonly Question[], { background, mayEnd }: FlightKind): void {
    const controller = mayEnd && !background ? new AbortController() : undefined
    const search = { keys: questions.map(({ key }) => key), background, controller, waiters: 0 }
    const all = this.#launch(questions, { signal: controller?.signal, background })
    for (let n = 0; n < questions.length; n++) this.#add(n, search, all)
  }

  /**
   * The outcome for one caller, who may leave: when the signal aborts, or after `patienceMs` with `late`. A search that
   * nobody waits for any more is ended, unless it runs in the background.
   */
  wait({ outcome, search }: Flight, limits: WaitLimits): Promise<Settled | 'late' | 'aborted'> {
    const { setTimer } = this.#options
    search.waiters++
    const waited = wait(outcome, limits, { setTimer, leave: () => this.#leave(search) })
    return search.background ? keptAlive(waited, setTimer) : waited
  }

  #add(n: number, search: SharedSearch, all: Promise<readonly Settled[]>): void {
    const key = search.keys[n] as string
    const flight: Flight = { startedAt: this.#options.clock(), search, outcome: LANDED }
    this.#flights[key] = flight
    this.#size++
    flight.outcome = all.then(
      (outcomes) => {
        this.#land(key, flight)
        return outcomes[n] as Settled
      },
      (error) => {
        this.#land(key, flight)
        throw error
      },
    )
    // Whoever waits sees the error. Nobody waits for what runs in the background.
    if (search.background) flight.outcome.catch(() => undefined)
  }

  #leave(search: SharedSearch): void {
    search.waiters--
    if (search.waiters > 0 || search.controller === undefined) return
    for (const key of search.keys) {
      const flight = this.#flights[key]
      if (flight?.search === search) this.#land(key, flight)
    }
    search.controller.abort()
  }

  #land(key: string, flight: Flight): void {
    if (this.#flights[key] !== flight) return
    delete this.#flights[key]
    this.#size--
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
