import { type ErrorCode, RegistryError } from '../api/contract/errors.ts'
import type { Found, Question, Tier } from './tier.ts'

/**
 * What the registry last said about each reference, in memory, so that an agent that has resolved a prompt once
 * is not taken down by the registry. It is no cache: it is asked only after the registry gave no answer. It comes
 * before local files, because it is newer than they are.
 *
 * A definite refusal replaces the text: a prompt that was revoked or taken out of release does not come back when
 * the registry goes down afterwards.
 */
export interface LastKnown {
  /** Gives the last text (`stale`), rejects with `revoked` where that was the last word, else has nothing to say. */
  readonly tier: Tier
  /** The tier given, with its answers and refusals remembered. */
  watch(tier: Tier): Tier
}

export interface LastKnownOptions {
  /** References kept; the one used longest ago goes first. */
  readonly maxEntries: number
  /** Milliseconds on any scale that never goes back. */
  readonly clock: () => number
}

interface Entry {
  /** Questions are numbered as they are asked. */
  readonly asked: number
  readonly said: { readonly found: Found; readonly at: number } | { readonly refusal: RegistryError }
}

/** Answers about the prompt. Every other failure leaves open what the registry would have said. */
const DEFINITE: readonly ErrorCode[] = ['revoked', 'not_found', 'not_released', 'mode_not_allowed']

export function createLastKnown({ maxEntries, clock }: LastKnownOptions): LastKnown {
  const entries = new Map<string, Entry>()
  let questions = 0

  const remember = (key: string, entry: Entry) => {
    // Answers can overtake each other, and a text from before a revocation must not replace it.
    if ((entries.get(key)?.asked ?? 0) > entry.asked) return
    entries.delete(key)
    entries.set(key, entry)
    const oldest = entries.keys().next()
    if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value)
  }

  const recall = async (question: Question): Promise<Found | undefined> => {
    const key = keyOf(question)
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    entries.delete(key)
    entries.set(key, entry)
    if ('found' in entry.said) {
      const { found, at } = entry.said
      return { ...found, ageMs: Math.max(0, clock() - at), stale: true }
    }
    if (entry.said.refusal.code === 'revoked') throw entry.said.refusal
    return undefined
  }

  const watch = (tier: Tier): Tier => ({
    ...tier,
    find: async (question, signal) => {
      const asked = ++questions
      try {
        const found = await tier.find(question, signal)
        if (found !== undefined) remember(keyOf(question), { asked, said: { found, at: clock() } })
        return found
      } catch (error) {
        if (isDefinite(error)) remember(keyOf(question), { asked, said: { refusal: error } })
        throw error
      }
    },
  })

  return { tier: { name: 'memory', title: 'The memory', waitsFor: 'nothing', find: recall }, watch }
}

function isDefinite(error: unknown): error is RegistryError {
  return error instanceof RegistryError && DEFINITE.includes(error.code)
}

function keyOf({ mode, reference }: Question): string {
  return `${mode ?? ''} ${reference}`
}
