import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../contract/errors.ts'
import { type PromptId, promptIdKey } from '../contract/prompt-id.ts'
import { type Backoff, backoffMs } from '../contract/retry.ts'
import type { Snapshot } from '../store/records.ts'
import { requirePrefix } from './authority.ts'
import type { Caller } from './caller.ts'
import type { RegistryContext } from './context.ts'
import type { EditStep } from './prompt-edit.ts'

const ATTEMPTS = 30
const BACKOFF: Backoff = { firstMs: 5, longestMs: 50 }

/** Queues the writes of each prompt in this process, so that only other processes can cause conflicts. */
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
 * Reads the prompt, lets the operation decide, and commits. On a conflict with another process it starts over, so
 * every decision is based on the state it changes. Throws the errors of `decide`, `forbidden` if the caller may
 * not change this id, and `busy` if every attempt conflicts.
 */
export async function transact<A>(
  context: Pick<RegistryContext, 'prompts' | 'random'> & { readonly caller: Caller },
  queues: PromptQueues,
  id: PromptId,
  decide: (snapshot: Snapshot | undefined) => Promise<EditStep<A>>,
): Promise<A> {
  requirePrefix(context.caller, id)
  return await queues.run(id, async () => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { change, answer } = await decide(await context.prompts.snapshot(id))
      if (change === null || (await context.prompts.commit(change))) return answer
      await pause(backoffMs(attempt, BACKOFF, context.random()))
    }
    throw new RegistryError(
      'busy',
      `Too many concurrent changes of the prompt "${id}"; try again in a moment.`,
    )
  })
}
