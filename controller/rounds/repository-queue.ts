import type { InTurn } from './turns.ts'

/**
 * Runs rounds of one repository, one at a time. What is asked for while a round runs is done by one more round, however
 * often it is asked for: a burst of webhooks costs two rounds.
 */
export class RepositoryQueue<Result> {
  readonly #run: (sources: readonly string[]) => Promise<ReadonlyMap<string, Result>>
  readonly #inTurn: InTurn
  #waiting = new Map<string, PromiseWithResolvers<Result>>()
  #running = false

  /** `run` gives a result for each of the sources. A round that waits for its turn takes in what is asked for meanwhile. */
  constructor(
    run: (sources: readonly string[]) => Promise<ReadonlyMap<string, Result>>,
    inTurn: InTurn = (work) => work(),
  ) {
    this.#run = run
    this.#inTurn = inTurn
  }

  /** The result of the next round of this source: one that starts after this call. */
  request(source: string): Promise<Result> {
    const waiting = this.#waiting.get(source) ?? Promise.withResolvers<Result>()
    this.#waiting.set(source, waiting)
    void this.#start()
    return waiting.promise
  }

  async #start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    // What is asked for in the same turn of the event loop shares a round, and whoever asked can answer before it.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#waiting.size > 0) await this.#inTurn(() => this.#round())
    this.#running = false
  }

  async #round(): Promise<void> {
    const taken = this.#waiting
    this.#waiting = new Map()
    try {
      const results = await this.#run([...taken.keys()])
      for (const [source, { resolve, reject }] of taken) {
        const result = results.get(source)
        if (result === undefined) reject(new Error(`the round gave no result for the source "${source}"`))
        else resolve(result)
      }
    } catch (error) {
      for (const { reject } of taken.values()) reject(error)
    }
  }
}
