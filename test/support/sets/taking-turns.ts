import type { Random } from './random.ts'

/** Two processes of which one goes on at a time. They change places at random calls. */
export class TakingTurns {
  readonly #random: Random
  readonly #onChange: () => void
  readonly #waiting: (() => void)[] = []

  /** `onChange` is called when one process goes on in the middle of the other one. */
  constructor(random: Random, onChange: () => void) {
    this.#random = random
    this.#onChange = onChange
  }

  /** Both begin; the second one waits until the first one gives way. */
  async run(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
    const leave = () => {
      for (const resume of this.#waiting.splice(0)) resume()
    }
    const later = new Promise<void>((resolve) => this.#waiting.push(resolve))
    await Promise.all([first().finally(leave), later.then(second).finally(leave)])
  }

  /** Called between any two steps of a process: it may wait for the other one. */
  async giveWay(probability: number): Promise<void> {
    const other = this.#random.chance(probability) ? this.#waiting.shift() : undefined
    if (other === undefined) return
    this.#onChange()
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      other()
    })
  }
}
