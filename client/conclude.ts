import { RegistryError } from '../api/contract/errors.ts'
import { localBudgetMs } from './budget.ts'
import type { Cache, Entry } from './cache.ts'
import { type Attempt, UnverifiedError } from './errors.ts'
import type { Events } from './events.ts'
import { attemptOf, failureOf } from './failure.ts'
import { endsSearch, type Failed, type Refused, type Settled } from './outcome.ts'
import { answered, type Resolution, remembered } from './resolution.ts'
import type { LocalTier, Question } from './tier.ts'
import { withinDeadline } from './transport/deadline.ts'
import type { SetTimer } from './transport/timer.ts'

export interface ConcludeOptions {
  readonly cache: Cache
  readonly clock: () => number
  readonly events: Events
  readonly local: LocalTier | undefined
  /** Whether a local file may stand for a prompt that the registry does not have or has not released. */
  readonly localDraft: boolean
  readonly timeoutMs: number
  readonly setTimer: SetTimer
  /** Known answers that no signed set proves, by the key of their question. */
  readonly withheld: ReadonlyMap<string, Attempt>
}

/**
 * Turns the outcome of a search into a resolution. After a failure, the known text or a local file answers. `since` is
 * when the search began, by the client's clock. Throws or rejects with `PromptResolutionError`.
 */
export type Conclude = (
  question: Question,
  outcome: Settled,
  since?: number,
) => Resolution | Promise<Resolution>

export function createConclude(options: ConcludeOptions): Conclude {
  const { cache, clock, events, localDraft, withheld } = options
  return function conclude(question, outcome, since = clock()) {
    const { key, reference, mode } = question
    const entry = cache.entries.get(key)
    switch (outcome.kind) {
      case 'found':
        return answered(question, outcome.found, outcome.tier, outcome.attempts)
      case 'refused':
        if (endsSearch(outcome.refusal, question) || !localDraft)
          throw failureOf(reference, outcome.attempts, [outcome.refusal])
        return readLocal(options, question, { ...outcome, kind: 'failed', errors: [outcome.refusal] }, since)
      case 'failed':
        if (entry === undefined)
          return readLocal(options, question, withWithheld(outcome, withheld.get(key)), since)
        if (entry.answer instanceof RegistryError)
          return conclude(question, refusedBy(entry, outcome.attempts), since)
        events.emit({ type: 'stale_used', reference, mode })
        return remembered(entry, entry.answer, clock(), 'last_known_good')
      default:
        return outcome satisfies never
    }
  }
}

function withWithheld(failed: Failed, attempt: Attempt | undefined): Failed {
  if (attempt === undefined) return failed
  const error = new UnverifiedError(attempt.message)
  return { ...failed, attempts: [...failed.attempts, attempt], errors: [...failed.errors, error] }
}

async function readLocal(
  { local, setTimer, clock, timeoutMs, events }: ConcludeOptions,
  question: Question,
  { attempts, errors }: Failed,
  since: number,
): Promise<Resolution> {
  const { reference, mode } = question
  // A file may be of another generation.
  if (local === undefined || question.set !== undefined) throw failureOf(reference, attempts, errors)
  const leftMs = Math.max(since + timeoutMs - clock(), localBudgetMs(timeoutMs))
  const limits = { timeoutMs: leftMs, setTimer, who: 'The local folder' }
  try {
    const found = await withinDeadline(async () => await local.find(question), limits)
    if (attempts.length > 0) events.emit({ type: 'local_used', reference, mode })
    return answered(question, found, 'local', attempts)
  } catch (error) {
    throw failureOf(reference, [...attempts, attemptOf('local', error)], [...errors, error])
  }
}

/** A refusal from before. `attempts` are the tiers that failed now. */
export function refusedBy(
  { answer, tier, attempts: last }: Entry,
  attempts: readonly Attempt[] = last,
): Refused {
  const refusal = answer as RegistryError
  return { kind: 'refused', refusal, tier, attempts: [...attempts, attemptOf(tier, refusal)] }
}
