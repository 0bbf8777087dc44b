import { tierBudgetMs } from './budget.ts'
import type { Attempt } from './errors.ts'
import { isOutage } from './failure.ts'
import { PATIENCE_MS, RETRY_AFTER_MS } from './freshness.ts'
import type { AskTier, GuardedTier } from './guarded-tier.ts'
import type { SetReply, SourceSet } from './tier.ts'
import type { SetTimer } from './transport/timer.ts'

export interface PointersOptions {
  readonly tiers: readonly GuardedTier[]
  readonly askTier: AskTier
  readonly timeoutMs: number
  readonly ttlMs: number
  readonly clock: () => number
  readonly setTimer: SetTimer
  /** After each request for the pointer of a source. */
  readonly onNews: (source: string, news: PointerNews) => void
}

/**
 * What a request for a pointer brought. `stands`: what was asked for at `turn` or later has not changed since. `none`:
 * the source has no set, or the registry gives no pointers.
 */
export type PointerNews =
  | { readonly kind: 'stands'; readonly turn: number; readonly hasRevocations: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly attempts: readonly Attempt[] }

type SetAnswer = Exclude<SetReply, { readonly failure: unknown }>
type Failures = { readonly attempts: readonly Attempt[] }

interface KnownPointer {
  pointer: SourceSet | undefined
  /** The turn at which it was first known. */
  turn: number
  /** When the registry is asked again. */
  askAt: number
  /** Until when its absence is taken for granted outside of sessions. */
  absentUntil: number
  asking: Promise<void> | undefined
}

const SHORTEST_MS = 1000
/** TTLs for which a source without a pointer is not asked for one outside of sessions. */
const ABSENT_TTLS = 10

/** The current sets of sources, as far as they are known. One request at a time for each source. */
export class Pointers {
  readonly #options: PointersOptions
  readonly #known = new Map<string, KnownPointer>()
  #turn = 0

  constructor(options: PointersOptions) {
    this.#options = options
  }

  /** The number of sources that are being asked for. */
  get inFlight(): number {
    return [...this.#known.values()].filter(({ asking }) => asking !== undefined).length
  }

  /** Grows with each move that is noticed, of whichever source. */
  get turn(): number {
    return this.#turn
  }

  /**
   * Asks unless it is fresh; if a set is known, it waits for at most a second. `undefined` if there is no set, or if
   * none is known and no registry answers.
   */
  async current(source: string): Promise<SourceSet | undefined> {
    const known = this.#knownOf(source)
    if (this.#options.clock() < known.askAt) return known.pointer
    const asking = this.renew(source)
    await (known.pointer === undefined ? asking : this.#briefly(asking))
    return known.pointer
  }

  /** Asks. With an outage it is the last one that is known. */
  async latest(source: string): Promise<SourceSet | undefined> {
    const known = this.#knownOf(source)
    await known.asking
    await this.#ask(source, known, false)
    return known.pointer
  }

  /** Asks in the background once a TTL. */
  check(source: string): void {
    if (this.#options.clock() >= this.#knownOf(source).askAt) void this.renew(source, true)
  }

  /** Asks now. Only if nobody waits, or if a set is known, in the background. */
  renew(source: string, background = this.#knownOf(source).pointer !== undefined): Promise<void> {
    return this.#ask(source, this.#knownOf(source), background)
  }

  /** Whether the pointer of the source may tell whether stable versions changed, for requests with or without a mode. */
  covers(source: string, hasMode: boolean): boolean {
    const { absentUntil, pointer } = this.#knownOf(source)
    return this.#options.clock() >= absentUntil && (hasMode || pointer?.hasDrafts !== true)
  }

  async #briefly(asking: Promise<void>): Promise<void> {
    let stop = () => {}
    const patience = new Promise<void>((resolve) => {
      stop = this.#options.setTimer(resolve, PATIENCE_MS)
    })
    await Promise.race([asking, patience])
    stop()
  }

  #knownOf(source: string): KnownPointer {
    const never = Number.NEGATIVE_INFINITY
    const known = this.#known.get(source) ?? {
      pointer: undefined,
      turn: 0,
      askAt: never,
      absentUntil: never,
      asking: undefined,
    }
    this.#known.set(source, known)
    return known
  }

  #ask(source: string, known: KnownPointer, background: boolean): Promise<void> {
    known.asking ??= this.#search(source, known.pointer, background).then((answer) => {
      known.asking = undefined
      const news = this.#keep(known, answer)
      this.#options.onNews(source, news)
    })
    return known.asking
  }

  #keep(known: KnownPointer, answer: SetAnswer | Failures): PointerNews {
    const { clock, ttlMs } = this.#options
    known.askAt = clock() + ('attempts' in answer ? RETRY_AFTER_MS : Math.max(SHORTEST_MS, ttlMs))
    if ('attempts' in answer && answer.attempts.some(isOutage)) return { kind: 'failed', ...answer }
    if ('attempts' in answer || 'none' in answer) {
      // A source that is refused may still have its set.
      if ('none' in answer) known.pointer = undefined
      known.absentUntil = clock() + ABSENT_TTLS * ttlMs
      return { kind: 'none' }
    }
    known.absentUntil = Number.NEGATIVE_INFINITY
    if ('unchanged' in answer) return { kind: 'stands', turn: known.turn, hasRevocations: false }
    if (answer.pointer.sequence !== known.pointer?.sequence) known.turn = ++this.#turn
    known.pointer = answer.pointer
    return { kind: 'stands', turn: known.turn, hasRevocations: answer.pointer.hasRevocations }
  }

  async #search(
    source: string,
    known: SourceSet | undefined,
    background: boolean,
  ): Promise<SetAnswer | Failures> {
    const { tiers, askTier, timeoutMs, clock } = this.#options
    const end = clock() + timeoutMs
    const run = { signal: undefined, background, mayRetry: !background && known === undefined }
    const attempts: Attempt[] = []
    for (const [index, guarded] of tiers.entries()) {
      const limits = { tiersLeft: tiers.length - index, timeoutMs, hasLocal: false }
      const tierEnd = clock() + tierBudgetMs(end - clock(), limits)
      const reply = await askTier(
        guarded,
        (within) => guarded.tier.askSet(source, known, within),
        run,
        tierEnd,
      )
      if (!('failure' in reply)) return reply
      attempts.push(reply.failure.attempt)
    }
    return { attempts }
  }
}
