import { setTimeout as pause } from 'node:timers/promises'
import { RegistryError } from '../contract/errors.ts'
import { type Backoff, backoffMs } from '../contract/retry.ts'

const ATTEMPTS = 30
const BACKOFF: Backoff = { firstMs: 5, longestMs: 50 }

/** Somebody else changed what an attempt is based on. */
export const CONFLICT: unique symbol = Symbol('conflict')

/**
 * Reads, decides and writes until nobody else interferes. `changes` names what others change, such as
 * `changes of the prompt "a"`. Throws what `attempt` throws, and `busy` if every attempt conflicts.
 */
export async function retried<A>(
  { random }: { readonly random: () => number },
  changes: string,
  attempt: () => Promise<A | typeof CONFLICT>,
): Promise<A> {
  for (let count = 1; count <= ATTEMPTS; count++) {
    const answer = await attempt()
    if (answer !== CONFLICT) return answer
    await pause(backoffMs(count, BACKOFF, random()))
  }
  throw new RegistryError('busy', `Too many concurrent ${changes}; try again in a moment.`)
}
