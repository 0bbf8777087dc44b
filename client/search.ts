import { tierBudgetMs } from './budget.ts'
import type { Attempt } from './errors.ts'
import { attemptOf } from './failure.ts'
import type { AskRun, AskTier, GuardedTier } from './guarded-tier.ts'
import { type Failed, NOTHING, type Outcome } from './outcome.ts'
import type { RetryBudget } from './retry.ts'
import type { Asked, RegistryTier, Reply, TierAnswer } from './tier.ts'

export interface SearchOptions {
  readonly tiers: readonly GuardedTier[]
  readonly askTier: AskTier
  readonly retries: RetryBudget
  readonly timeoutMs: number
  /** Whether a local file may be read afterwards. */
  readonly hasLocal: boolean
  readonly clock: () => number
  /** A tier that failed for one of several prompts. */
  readonly onFailure: (attempt: Attempt) => void
}

/** Asks the registry tiers in order, for all questions together. Never rejects. One outcome for each question. */
export type Search = (asked: readonly Asked[], run: AskRun) => Promise<readonly Outcome[]>

export function createSearch(options: SearchOptions): Search {
  const { tiers, askTier, retries, timeoutMs, hasLocal, clock, onFailure } = options
  return async (asked, run) => {
    retries.refill()
    const end = clock() + timeoutMs
    let outcomes: readonly Outcome[] = asked.map(() => NOTHING)
    for (let index = 0; index < tiers.length && outcomes.some(isOpen) && !run.signal?.aborted; index++) {
      const guarded = tiers[index] as GuardedTier
      const { tier } = guarded
      const open = asked.filter((_question, n) => isOpen(outcomes[n] as Outcome))
      const limits = { tiersLeft: tiers.length - index, timeoutMs, hasLocal }
      const tierEnd = clock() + tierBudgetMs(end - clock(), limits)
      const answer = await askTier(guarded, (within) => tier.ask(open, within), run, tierEnd)
      reportReplies(answer, onFailure)
      outcomes = withAnswer(outcomes, answer, tier.name)
    }
    return outcomes
  }
}

function reportReplies(answer: TierAnswer, onFailure: SearchOptions['onFailure']): void {
  if ('failure' in answer) return
  for (const reply of answer.replies)
    if ('failure' in reply && reply.failure.attempt.code !== 'aborted') onFailure(reply.failure.attempt)
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
