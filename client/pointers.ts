import { tierBudgetMs } from './budget.ts'
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
  /** Versions of the source were revoked. */
  readonly onRevoked: (source: string) => void
}

interface KnownPointer {
  pointer: SourceSet | undefined
  /** When the registry is asked again. */
  askAt: number
  asking: Promise<void> | undefined
}

const SHORTEST_MS = 1000

/** The current sets of sources, as far as they are known. One request at a time for each source. */
export class Pointers {
  readonly #options: PointersOptions
  readonly #known = new Map<string, KnownPointer>()

  constructor(options: PointersOptions) {
    this.#options = options
  }

  /** The number of sources that are being asked for. */
  get inFlight(): number {
    return [...this.#known.values()].filter(({ asking }) => asking !== undefined).length
  }

  /**
   * Asks unless it is fresh; if a set is known, it waits for at most a second. `undefined` if there is no set, or if
   * none is known and no registry answers.
   */
  async current(source: string): Promise<SourceSet | undefined> {
    const known = this.#knownOf(source)
    if (this.#options.clock() < known.askAt) return known.pointer
    const asking = this.#ask(source, known, known.pointer !== undefined)
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
    const known = this.#knownOf(source)
    if (this.#options.clock() >= known.askAt) void this.#ask(source, known, true)
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
    const known = this.#known.get(source) ?? {
      pointer: undefined,
      askAt: Number.NEGATIVE_INFINITY,
      asking: undefined,
    }
    this.#known.set(source, known)
    return known
  }

  #ask(source: string, known: KnownPointer, background: boolean): Promise<void> {
    known.asking ??= this.#search(source, known.pointer, background).then((reply) => {
      known.asking = undefined
      this.#keep(source, known, reply)
    })
    return known.asking
  }

  #keep(source: string, known: KnownPointer, reply: SetReply | undefined): void {
    const { clock, ttlMs, onRevoked } = this.#options
    known.askAt = clock() + (reply === undefined ? RETRY_AFTER_MS : Math.max(SHORTEST_MS, ttlMs))
    if (reply === undefined) return
    if ('none' in reply) known.pointer = undefined
    if (!('pointer' in reply)) return
    known.pointer = reply.pointer
    if (reply.pointer.hasRevocations) onRevoked(source)
  }

  /** `undefined` if no tier answers. */
  async #search(
    source: string,
    known: SourceSet | undefined,
    background: boolean,
  ): Promise<SetReply | undefined> {
    const { tiers, askTier, timeoutMs, clock } = this.#options
    const end = clock() + timeoutMs
    const run = { signal: undefined, background, mayRetry: !background && known === undefined }
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
    }
    return undefined
  }
}
