import type { RegistryError } from '../../contract/errors.ts'
import { type Backoff, backoffMs } from '../../contract/retry.ts'
import type { Budget } from '../budget.ts'
import { awsFailure, type Passing, passing, TimeoutError, tooBusy } from './failures.ts'

/**
 * The maximum number of retries, by cause: AWS refuses temporarily, the connection breaks, or there is no
 * response.
 */
export type Retries = Readonly<Record<Passing, number>>

/** The longest pauses of all retries add up to less than 1.6 seconds, so an overload soon becomes `busy`. */
export const RETRIES: Retries = { refused: 6, broken: 2, timeout: 1 }
const BACKOFF: Backoff = { firstMs: 50, longestMs: 400 }
/** The maximum time of one call. A request may have less. */
const CALL_MS = 10_000

/** Resolves after this many milliseconds, or rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<unknown>

/** The failures of one call so far. */
export type Tries = Record<Passing, number>

export interface CallsOptions {
  /** At least 0, below 1. */
  readonly random: () => number
  /** Aborts with the signal. */
  readonly pause: Pause
  readonly retries?: Partial<Retries> | undefined
  /** Stops the calls of one request. */
  readonly budget?: Budget
}

/** Makes calls to AWS. This is the only layer that retries; the SDK's clients make one attempt each. */
export class Calls {
  readonly #options: CallsOptions
  readonly #retries: Retries
  readonly #callMs: number

  constructor(options: CallsOptions) {
    this.#options = options
    this.#retries = { ...RETRIES, ...options.retries }
    this.#callMs = Math.min(CALL_MS, options.budget?.callMs ?? CALL_MS)
  }

  within(budget: Budget): Calls {
    return new Calls({ ...this.#options, budget })
  }

  /** Retries a call until it succeeds or fails for good. Throws `RegistryError`. */
  async make<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const tries = noTries()
    for (;;) {
      try {
        return await this.once(call)
      } catch (error) {
        if (!(await this.again(error, tries))) throw this.failure(error)
      }
    }
  }

  /** Makes one attempt. Throws its error, or `TimeoutError` if time runs out first. */
  async once<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { budget } = this.#options
    if (budget?.signal.aborted) throw new TimeoutError()
    const controller = new AbortController()
    const over = Promise.withResolvers<never>()
    const end = () => {
      over.reject(new TimeoutError())
      controller.abort()
    }
    const timer = setTimeout(end, this.#callMs)
    budget?.signal.addEventListener('abort', end)
    try {
      const answer = await Promise.race([call(controller.signal), over.promise])
      budget?.progress()
      return answer
    } catch (error) {
      if (passing(error) === undefined) budget?.progress()
      throw error
    } finally {
      clearTimeout(timer)
      budget?.signal.removeEventListener('abort', end)
    }
  }

  /** Waits before the next attempt. Returns false if no attempt is left. */
  async again(error: unknown, tries: Tries): Promise<boolean> {
    const kind = passing(error)
    if (kind === undefined || ++tries[kind] > this.#retries[kind]) return false
    const { random, pause, budget } = this.#options
    const attempt = tries.refused + tries.broken + tries.timeout
    try {
      await pause(backoffMs(attempt, BACKOFF, random()), budget?.signal)
    } catch {
      return false
    }
    return true
  }

  /** Maps the last error of a call to a `RegistryError`. */
  failure(error: unknown): RegistryError {
    return this.#options.budget?.signal.aborted ? tooBusy(error) : awsFailure(error)
  }
}

export function noTries(): Tries {
  return { refused: 0, broken: 0, timeout: 0 }
}
