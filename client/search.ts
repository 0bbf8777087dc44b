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
  attempts: readonly Attempt[]
  errors: readonly unknown[]
  outcome: Outcome | undefined
}

export function createSearch(options: SearchOptions): Search {
  const { tiers, retries, timeoutMs, hasLocal, clock, onRequest, onFailure } = options

  return async (asked, run) => {
    retries.refill()
    const end = clock() + timeoutMs
    const all = asked.map((question): Pending => ({ question, attempts: [], errors: [], outcome: undefined }))
    let open: readonly Pending[] = all
    for (let index = 0; index < tiers.length && open.length > 0 && !run.signal?.aborted; index++) {
      const { tier, breaker } = tiers[index] as GuardedTier
      const budgetMs = tierBudgetMs(end - clock(), { tiersLeft: tiers.length - index, timeoutMs, hasLocal })
      const leave = breaker.enter()
      const answer =
        leave === undefined
          ? { failure: circuitOpen(tier.name) }
          : await askWithRetries(tier, questionsOf(open), { ...run, budgetMs })
      if ('replies' in answer) leave?.('answered')
      else leave?.(endOf(answer.failure), answer.failure.retryAfterMs)
      for (const [n, one] of open.entries())
        settle(one, 'failure' in answer ? answer : (answer.replies[n] as Reply), tier.name)
      open = open.filter(({ outcome }) => outcome === undefined)
    }
    return all.map(({ outcome, attempts, errors }) => outcome ?? { kind: 'failed', attempts, errors })
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

function questionsOf(pending: readonly Pending[]): readonly Asked[] {
  return pending.map(({ question }) => question)
}

/** A failure leaves it to the next tier. */
function settle(pending: Pending, reply: Reply, tier: RegistryTier['name']): void {
  if ('failure' in reply) {
    pending.attempts = [...pending.attempts, reply.failure.attempt]
    pending.errors = [...pending.errors, reply.failure.error]
  } else pending.outcome = outcomeOf(reply, pending.attempts, tier)
}

function outcomeOf(
  reply: Exclude<Reply, { failure: unknown }>,
  attempts: readonly Attempt[],
  tier: RegistryTier['name'],
): Outcome {
  if ('unchanged' in reply) return { kind: 'unchanged', tier, attempts }
  if ('found' in reply) return { kind: 'found', found: reply.found, etag: reply.etag, tier, attempts }
  const refusal = attemptOf(tier, reply.refusal)
  return { kind: 'refused', refusal: reply.refusal, tier, attempts: [...attempts, refusal] }
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
