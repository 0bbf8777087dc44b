import { RegistryError } from '../api/contract/errors.ts'
import type { Cache, Entry } from './cache.ts'
import type { Attempt } from './errors.ts'
import type { Events } from './events.ts'
import { RETRY_AFTER_MS } from './freshness.ts'
import type { Counters } from './metrics.ts'
import { type Answered, NOTHING, type Outcome, type Refused, type Settled } from './outcome.ts'
import type { Found, Question } from './tier.ts'

const NO_ATTEMPTS: readonly Attempt[] = []

export interface MemoryOptions {
  readonly cache: Cache
  readonly ttlMs: number
  readonly events: Events
  readonly counters: Counters
  readonly clock: () => number
  /** After the registry answered about a prompt. */
  readonly onAnswer: (entry: Entry, changed: boolean) => void
}

/** What becomes of the registry's answers: entries of the cache, and events. */
export class ClientMemory {
  readonly #options: MemoryOptions
  readonly #archived = new Set<string>()
  readonly #moved = new Set<string>()

  constructor(options: MemoryOptions) {
    this.#options = options
  }

  /** Keeps an outcome of a request that began at `turn`, and makes `unchanged` the text that it stands for. */
  keep(question: Question, known: Entry | undefined, outcome: Outcome, turn: number): Settled {
    const { cache, clock } = this.#options
    if (outcome.kind === 'failed') {
      if (known !== undefined) this.postpone(known, outcome.attempts)
      return outcome
    }
    if (outcome.kind === 'unchanged') {
      if (known === undefined || known.answer instanceof RegistryError) return { ...outcome, ...NOTHING }
      // It may have been evicted meanwhile.
      cache.set(known)
      known.answeredAt = clock()
      known.turn = turn
      this.confirm(known)
      return { ...outcome, kind: 'found', found: known.answer, etag: known.etag }
    }
    const entry = this.#entryOf(question, outcome, turn)
    cache.set(entry)
    this.#report(entry, known)
    return outcome
  }

  /** From now on, the registry must confirm the entry as if it were of no set. */
  doubt(entry: Entry): void {
    entry.lasts = false
    entry.freshUntil = entry.at + this.#options.ttlMs
  }

  /** The registry was asked and did not answer. */
  postpone(entry: Entry, attempts: readonly Attempt[]): void {
    entry.retryAt = this.#options.clock() + RETRY_AFTER_MS
    entry.attempts = attempts
  }

  /** The registry still has this text. */
  confirm(entry: Entry): void {
    entry.at = this.#options.clock()
    entry.lasts = lasts(entry.question, entry.answer)
    entry.freshUntil = this.#freshUntil(entry)
    entry.restored = false
    entry.retryAt = 0
    entry.attempts = NO_ATTEMPTS
    entry.usedAtAnswer = entry.used
    this.#options.onAnswer(entry, false)
  }

  #entryOf(question: Question, outcome: Answered | Refused, turn: number): Entry {
    const at = this.#options.clock()
    const used = this.#options.counters.calls
    const found = outcome.kind === 'found' ? outcome.found : undefined
    const answer = outcome.kind === 'found' ? outcome.found : outcome.refusal
    const standing = { at, isRefusal: found === undefined, lasts: lasts(question, answer) }
    return {
      ...standing,
      question,
      answer,
      tier: outcome.tier,
      etag: outcome.kind === 'found' ? outcome.etag : undefined,
      text: found?.text,
      promise: found && Promise.resolve(found.text),
      immutable: found?.immutable ?? false,
      restored: false,
      freshUntil: this.#freshUntil(standing),
      retryAt: 0,
      attempts: NO_ATTEMPTS,
      used,
      usedAtAnswer: used,
      answeredAt: at,
      turn,
    }
  }

  #freshUntil({ at, isRefusal, lasts }: Pick<Entry, 'at' | 'isRefusal' | 'lasts'>): number {
    if (lasts) return Number.POSITIVE_INFINITY
    return isRefusal ? 0 : at + this.#options.ttlMs
  }

  #report(entry: Entry, before: Entry | undefined): void {
    const { events, onAnswer } = this.#options
    const { question, answer } = entry
    const { reference, mode } = question
    const changed = before !== undefined && isOther(before.answer, answer)
    if (changed && answer instanceof RegistryError)
      events.emit({ type: 'refused', reference, mode, code: answer.code, message: answer.message })
    else if (changed) events.emit({ type: 'changed', reference, mode })
    if (!(answer instanceof RegistryError)) this.#warn(question, answer)
    onAnswer(entry, changed)
  }

  #warn({ key, reference, mode }: Question, { promptId, archived, movedTo }: Found): void {
    const { events } = this.#options
    if (archived && !this.#archived.has(key)) {
      this.#archived.add(key)
      events.emit({ type: 'archived', reference, mode })
    }
    if (movedTo !== null && !this.#moved.has(promptId)) {
      this.#moved.add(promptId)
      events.emit({ type: 'moved', reference, mode, movedTo })
    }
  }
}

/** Answers from a set never expire: members stay, and so do absences. */
function lasts({ set }: Question, answer: Entry['answer']): boolean {
  if (set === undefined) return false
  return answer instanceof RegistryError ? answer.code === 'not_in_set' : answer.immutable
}

function isOther(before: Entry['answer'], after: Entry['answer']): boolean {
  if (before instanceof RegistryError || after instanceof RegistryError)
    return !(before instanceof RegistryError && after instanceof RegistryError && before.code === after.code)
  return before.text !== after.text || before.version !== after.version || before.status !== after.status
}
