/**
 * Runs the rounds of one repository, one at a time. All requests during a round are served by a single further
 * round, so a burst of webhooks takes two rounds.
 */
export class RepositoryQueue<Result, Turn = void> {
  readonly #run: (sources: readonly string[], turn: Turn) => Promise<ReadonlyMap<string, Result>>
  readonly #inTurn: (work: (turn: Turn) => Promise<void>) => Promise<void>
  #waiting = new Map<string, PromiseWithResolvers<Result>>()
  #running = false

  /** `run` returns a result for each source. A round that waits for its turn includes requests made meanwhile. */
  constructor(
    run: (sources: readonly string[], turn: Turn) => Promise<ReadonlyMap<string, Result>>,
    inTurn: (work: (turn: Turn) => Promise<void>) => Promise<void>,
  ) {
    this.#run = run
    this.#inTurn = inTurn
  }

  /** The result of this source's next round, which starts after this call. */
  request(source: string): Promise<Result> {
    const waiting = this.#waiting.get(source) ?? Promise.withResolvers<Result>()
    this.#waiting.set(source, waiting)
    void this.#start()
    return waiting.promise
  }

  async #start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    // Requests in the same turn of the event loop share a round, and callers can respond before it starts.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.size > 0) await this.#inTurn((turn) => this.#round(turn))
    this.#running = false
  }

  async #round(turn: Turn): Promise<void> {
    const taken = this.#waiting
    this.#waiting = new Map()
    try {
      const results = await this.#run([...taken.keys()], turn)
      for (const [source, { resolve, reject }] of taken) {
        const result = results.get(source)
        if (result === undefined) reject(new Error(`the round returned no result for source "${source}"`))
        else resolve(result)
      }
    } catch (error) {
      for (const { reject } of taken.values()) reject(error)
    }
  }
}
