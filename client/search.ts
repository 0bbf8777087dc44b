import type { Breaker, Leave } from './breaker.ts'
import { tierBudgetMs } from './budget.ts'
import type { Attempt } from './errors.ts'
import { attemptOf } from './failure.ts'
import { type Failed, NOTHING, type Outcome } from './outcome.ts'
import { type RetryBudget, retryDelayMs } from './retry.ts'
import type { Asked, AskOptions, RegistryTier, Reply, TierAnswer, TierFailure } from './tier.ts'
import type { SetTimer } from './transport/timer.ts'

export interface GuardedTier {
  readonly tier: RegistryTier
  readonly breaker: Breaker
}

export interface SearchOptions {
  readonly tiers: readonly GuardedTier[]
  readonly retries: RetryBudget
  readonly timeoutMs: number
  /** Whether a local file may be read afterwards. */
  readonly hasLocal: boolean
  readonly clock: () => number
  readonly setTimer: SetTimer
  readonly random: () => number
  readonly onRequest: (tier: RegistryTier['name'], isRetry: boolean) => void
  readonly onFailure: (attempt: Attempt) => void
}

export interface SearchRun {
  readonly signal: AbortSignal | undefined
  readonly background: boolean
  /** With a known text no retry is needed: the next call is one. */
  readonly mayRetry: boolean
}

/** Asks the registry tiers in order, for all questions together. Never rejects. One outcome for each question. */
export type Search = (asked: readonly Asked[], run: SearchRun) => Promise<readonly Outcome[]>

/** The tier cannot be used now, by anybody. */
const OUTAGES: readonly string[] = ['unreachable', 'timeout', 'busy', 'unavailable']

export function createSearch(options: SearchOptions): Search {
  const { tiers, retries, timeoutMs, hasLocal, clock, onRequest, onFailure } = options

  return async (asked, run) => {
    retries.refill()
    const end = clock() + timeoutMs
    let outcomes: readonly Outcome[] = asked.map(() => NOTHING)
    for (let index = 0; index < tiers.length && outcomes.some(isOpen) && !run.signal?.aborted; index++) {
      const guarded = tiers[index] as GuardedTier
      const open = asked.filter((_question, n) => isOpen(outcomes[n] as Outcome))
      const limits = { tiersLeft: tiers.length - index, timeoutMs, hasLocal }
      const answer = await askTier(guarded, open, run, clock() + tierBudgetMs(end - clock(), limits))
      outcomes = withAnswer(outcomes, answer, guarded.tier.name)
    }
    return outcomes
  }

  function askTier(
    { tier, breaker }: GuardedTier,
    asked: readonly Asked[],
    run: SearchRun,
    end: number,
  ): TierAnswer | Promise<TierAnswer> {
    const leave = breaker.enter()
    if (leave === undefined) return { failure: circuitOpen(tier.name) }
    const ask = (retried: number): Promise<TierAnswer> => {
      onRequest(tier.name, retried > 0)
      return tier.ask(asked, limitsOf(run, Math.max(1, end - clock()))).then((answer) => {
        reportFailures(answer)
        const delayMs = run.mayRetry && !run.signal?.aborted ? delayBeforeRetry(answer, retried) : undefined
        if (delayMs !== undefined && clock() + delayMs < end && retries.take())
          return pause(delayMs, options.setTimer, run.signal).then(() => ask(retried + 1))
        leaveWith(leave, answer)
        return answer
      })
    }
    return ask(0)
  }

  function delayBeforeRetry(answer: TierAnswer, retried: number): number | undefined {
    if ('replies' in answer) return undefined
    const { attempt, retryAfterMs } = answer.failure
    if (attempt.code === 'timeout' || !OUTAGES.includes(attempt.code)) return undefined
    return retryDelayMs(retried, options.random, retryAfterMs)
  }

  function reportFailures(answer: TierAnswer): void {
    const replies = 'failure' in answer ? [answer] : answer.replies
    for (const reply of replies)
      if ('failure' in reply && reply.failure.attempt.code !== 'aborted') onFailure(reply.failure.attempt)
  }
}

function limitsOf({ background, signal }: SearchRun, timeoutMs: number): AskOptions {
  return signal === undefined ? { timeoutMs, background } : { timeoutMs, background, signal }
}

/** A prompt for which the tier failed is left to the next one. */
function isOpen({ kind }: Outcome): boolean {
  return kind === 'failed'
}

function withAnswer(
  outcomes: readonly Outcome[],
  answer: TierAnswer,
  tier: RegistryTier['name'],
): readonly Outcome[] {
  let next = 0
  return outcomes.map((outcome) => {
    if (outcome.kind !== 'failed') return outcome
    return outcomeAfter(outcome, 'failure' in answer ? answer : (answer.replies[next++] as Reply), tier)
  })
}

function outcomeAfter({ attempts, errors }: Failed, reply: Reply, tier: RegistryTier['name']): Outcome {
  if ('failure' in reply) {
    const { attempt, error } = reply.failure
    return { kind: 'failed', attempts: [...attempts, attempt], errors: [...errors, error] }
  }
  if ('unchanged' in reply) return { kind: 'unchanged', tier, attempts }
  if ('found' in reply) return { kind: 'found', found: reply.found, etag: reply.etag, tier, attempts }
  const refusal = attemptOf(tier, reply.refusal)
  return { kind: 'refused', refusal: reply.refusal, tier, attempts: [...attempts, refusal] }
}

function leaveWith(leave: Leave, answer: TierAnswer): void {
  if ('replies' in answer) leave('answered')
  else leave(endOf(answer.failure), answer.failure.retryAfterMs)
}

function endOf({ attempt: { code } }: TierFailure): 'answered' | 'down' | 'unknown' {
  if (code === 'aborted') return 'unknown'
  return OUTAGES.includes(code) ? 'down' : 'answered'
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
