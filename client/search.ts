import type { Breaker } from './breaker.ts'
import { tierBudgetMs } from './budget.ts'
import type { Attempt } from './errors.ts'
import { attemptOf } from './failure.ts'
import type { Outcome } from './outcome.ts'
import { type RetryBudget, retryDelayMs } from './retry.ts'
import type { Asked, RegistryTier, Reply, TierAnswer, TierFailure } from './tier.ts'
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

interface Pending {
  readonly question: Asked
  readonly attempts: readonly Attempt[]
  readonly errors: readonly unknown[]
}

export function createSearch(options: SearchOptions): Search {
  const { tiers, retries, timeoutMs, hasLocal, clock, onRequest, onFailure } = options

  return async (asked, run) => {
    retries.refill()
    const end = clock() + timeoutMs
    const outcomes = new Map<string, Outcome>()
    let pending: readonly Pending[] = asked.map((question) => ({ question, attempts: [], errors: [] }))
    for (const [index, guarded] of tiers.entries()) {
      if (pending.length === 0 || run.signal?.aborted) break
      const shares = { tiersLeft: tiers.length - index, timeoutMs, hasLocal }
      const budgetMs = tierBudgetMs(end - clock(), shares)
      const answer = await askGuarded(
        guarded,
        pending.map(({ question }) => question),
        { ...run, budgetMs },
      )
      const { name } = guarded.tier
      const failed: Pending[] = []
      for (const [n, one] of pending.entries()) {
        const reply: Reply = 'failure' in answer ? answer : (answer.replies[n] as Reply)
        if ('failure' in reply) failed.push(withFailure(one, reply.failure))
        else outcomes.set(one.question.key, outcomeOf(reply, one, name))
      }
      pending = failed
    }
    for (const { question, attempts, errors } of pending)
      outcomes.set(question.key, { kind: 'failed', attempts, errors })
    return asked.map(({ key }) => outcomes.get(key) as Outcome)
  }

  async function askGuarded(
    { tier, breaker }: GuardedTier,
    asked: readonly Asked[],
    run: SearchRun & { readonly budgetMs: number },
  ): Promise<TierAnswer> {
    const leave = breaker.enter()
    if (leave === undefined) return { failure: circuitOpen(tier.name) }
    const answer = await askWithRetries(tier, asked, run)
    if ('replies' in answer) leave('answered')
    else leave(endOf(answer.failure), answer.failure.retryAfterMs)
    return answer
  }

  async function askWithRetries(
    tier: RegistryTier,
    asked: readonly Asked[],
    { budgetMs, signal, background, mayRetry }: SearchRun & { readonly budgetMs: number },
  ): Promise<TierAnswer> {
    const end = clock() + budgetMs
    for (let count = 0; ; count++) {
      onRequest(tier.name, count > 0)
      const answer = await tier.ask(asked, {
        timeoutMs: Math.max(1, end - clock()),
        background,
        ...(signal !== undefined && { signal }),
      })
      reportFailures(answer)
      if ('replies' in answer || !mayRetry || signal?.aborted) return answer
      const { attempt, retryAfterMs } = answer.failure
      if (attempt.code === 'timeout' || !OUTAGES.includes(attempt.code)) return answer
      const delayMs = retryDelayMs(count, options.random, retryAfterMs)
      if (delayMs === undefined || clock() + delayMs >= end || !retries.take()) return answer
      await pause(delayMs, options.setTimer, signal)
    }
  }

  function reportFailures(answer: TierAnswer): void {
    const replies = 'failure' in answer ? [answer] : answer.replies
    for (const reply of replies)
      if ('failure' in reply && reply.failure.attempt.code !== 'aborted') onFailure(reply.failure.attempt)
  }
}

function outcomeOf(
  reply: Exclude<Reply, { failure: unknown }>,
  before: Pending,
  tier: RegistryTier['name'],
): Outcome {
  const { attempts } = before
  if ('unchanged' in reply) return { kind: 'unchanged', tier, attempts }
  if ('found' in reply) return { kind: 'found', ...reply, tier, attempts }
  const refusal = attemptOf(tier, reply.refusal)
  return { kind: 'refused', refusal: reply.refusal, tier, attempts: [...attempts, refusal] }
}

function withFailure({ question, attempts, errors }: Pending, { attempt, error }: TierFailure): Pending {
  return { question, attempts: [...attempts, attempt], errors: [...errors, error] }
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
