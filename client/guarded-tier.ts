import type { Breaker, Leave } from './breaker.ts'
import type { Attempt } from './errors.ts'
import { type RetryBudget, retryDelayMs } from './retry.ts'
import type { AskOptions, RegistryTier, TierFailure } from './tier.ts'
import type { SetTimer } from './transport/timer.ts'

export interface GuardedTier {
  readonly tier: RegistryTier
  readonly breaker: Breaker
}

export interface GuardOptions {
  readonly retries: RetryBudget
  readonly clock: () => number
  readonly setTimer: SetTimer
  readonly random: () => number
  readonly onRequest: (tier: RegistryTier['name'], isRetry: boolean) => void
  readonly onFailure: (attempt: Attempt) => void
}

export interface AskRun {
  readonly signal: AbortSignal | undefined
  readonly background: boolean
  /** With a known text no retry is needed: the next call is one. */
  readonly mayRetry: boolean
}

/** The answer of a tier, or the reason that there is none. */
type TierReply<T> = T | { readonly failure: TierFailure }

/** Asks one tier until `end`, unless its circuit is open, and again after an outage. */
export type AskTier = <T extends object>(
  guarded: GuardedTier,
  ask: (limits: AskOptions) => Promise<TierReply<T>>,
  run: AskRun,
  end: number,
) => TierReply<T> | Promise<TierReply<T>>

/** The tier cannot be used now, by anybody. */
const OUTAGES: readonly string[] = ['unreachable', 'timeout', 'busy', 'unavailable']

export function createAskTier({
  retries,
  clock,
  setTimer,
  random,
  onRequest,
  onFailure,
}: GuardOptions): AskTier {
  const delayBeforeRetry = ({ attempt, retryAfterMs }: TierFailure, run: AskRun, retried: number) => {
    if (!run.mayRetry || run.signal?.aborted) return undefined
    if (attempt.code === 'timeout' || !OUTAGES.includes(attempt.code)) return undefined
    return retryDelayMs(retried, random, retryAfterMs)
  }

  return ({ tier, breaker }, ask, run, end) => {
    const leave = breaker.enter()
    if (leave === undefined) return { failure: circuitOpen(tier.name) }
    const attempt = (retried: number): ReturnType<typeof ask> => {
      onRequest(tier.name, retried > 0)
      return ask(limitsOf(run, Math.max(1, end - clock()))).then((answer) => {
        if (!('failure' in answer)) {
          leave('answered')
          return answer
        }
        const { failure } = answer
        if (failure.attempt.code !== 'aborted') onFailure(failure.attempt)
        const delayMs = delayBeforeRetry(failure, run, retried)
        if (delayMs !== undefined && clock() + delayMs < end && retries.take())
          return pause(delayMs, setTimer, run.signal).then(() => attempt(retried + 1))
        leaveAfter(failure, leave)
        return answer
      })
    }
    return attempt(0)
  }
}

function limitsOf({ background, signal }: AskRun, timeoutMs: number): AskOptions {
  return signal === undefined ? { timeoutMs, background } : { timeoutMs, background, signal }
}

function leaveAfter({ attempt: { code }, retryAfterMs }: TierFailure, leave: Leave): void {
  if (code === 'aborted') leave('unknown', retryAfterMs)
  else leave(OUTAGES.includes(code) ? 'down' : 'answered', retryAfterMs)
}

function circuitOpen(tier: RegistryTier['name']): TierFailure {
  const message = 'It was down less than a second ago, so it was not asked.'
  return { attempt: { tier, code: 'circuit_open', message }, error: new Error(message) }
}

function pause(ms: number, setTimer: SetTimer, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stop()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const stop = setTimer(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
