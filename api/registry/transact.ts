import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../contract/errors.ts'
import { type PromptId, promptIdKey } from '../contract/prompt-id.ts'
import type { Snapshot } from '../store/records.ts'
import type { RegistryContext } from './context.ts'
import type { Step } from './prompt-edit.ts'

const ATTEMPTS = 30
const LONGEST_PAUSE_MS = 50

/** Gives every prompt a queue in this process, so that only other processes can make a commit conflict. */
export class PromptQueues {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(id: PromptId, work: () => Promise<T>): Promise<T> {
    const key = promptIdKey(id)
    const before = this.#tails.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    const tail = mine.catch(() => undefined)
    this.#tails.set(key, tail)
    try {
      return await mine
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}

/**
 * Reads the prompt, lets the operation decide on what it is now, and commits. Where another process was faster
 * it starts over, so what was decided always holds at the moment it is written. Throws what `decide` throws, and
 * `busy` where others are faster every time.
 */
export async function transact<A>(
  context: RegistryContext,
  queues: PromptQueues,
  id: PromptId,
  decide: (snapshot: Snapshot | undefined) => Promise<Step<A>>,
): Promise<A> {
  return await queues.run(id, async () => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { change, answer } = await decide(await context.prompts.snapshot(id))
      if (change === null || (await context.prompts.commit(change))) return answer
      await pause(context.random() * Math.min(attempt * 5, LONGEST_PAUSE_MS))
    }
    throw new RegistryError('busy', `Too many others are changing the prompt "${id}"; try again in a moment.`)
  })
}
