import type { Mode } from '../api/contract/mode.ts'
import { parseReference } from '../api/contract/reference.ts'
import { tierBudgetMs } from './budget.ts'
import { type Attempt, PromptResolutionError } from './errors.ts'
import { attemptOf, endsSearch, failureOf } from './failure.ts'
import { type ClientOptions, readMode, readSettings, type Settings } from './settings.ts'
import type { Found, Question, Tier } from './tier.ts'
import { createTiers } from './tiers.ts'
import { withinDeadline } from './transport/deadline.ts'

export interface ResolveOptions {
  readonly signal?: AbortSignal | undefined
  /** Instead of the client's own mode. */
  readonly mode?: string | undefined
}

/** A text, where it came from, and why from there. */
export interface Resolution extends Found {
  /** As it was asked for. */
  readonly reference: string
  /** `fallback`: a tier before this one failed. `last_known_good`: all registries failed; `ageMs` says how old. */
  readonly reason: 'answered' | 'fallback' | 'last_known_good'
  /** What the tiers before said. */
  readonly attempts: readonly Attempt[]
}

/**
 * Reads prompts at run time, whatever is down. Each `get` asks tier after tier, and the first text wins:
 *
 * 1. `lambda`: the registry's function `functionName`, invoked directly, with the mode of the reader.
 * 2. `http`: the registry at `registryUrl`, in the same way.
 * 3. what the registry last said about the reference, kept in memory, when it does not answer now.
 * 4. `local`: `{localDir}/{ref}.txt`.
 * 5. `PromptResolutionError`, which lists what each tier said.
 *
 * Only `revoked` ends the search early: no other tier may bring back a text that the registry takes back. All of it
 * takes at most `timeoutMs`. Every `get` asks the registry; nothing is cached.
 */
export class PromptRegistryClient {
  readonly #settings: Settings
  readonly #tiers: readonly Tier[]

  /** Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
  constructor(options: ClientOptions = {}) {
    this.#settings = readSettings(options)
    this.#tiers = createTiers(this.#settings)
  }

  /** The text that `id`, `id@pin` or `id_vN` names. Throws `PromptResolutionError`. */
  async get(reference: string, options?: ResolveOptions): Promise<string> {
    return (await this.resolve(reference, options)).text
  }

  /** The text and where it came from. Throws `PromptResolutionError`. */
  async resolve(reference: string, { signal, mode }: ResolveOptions = {}): Promise<Resolution> {
    const question = parseQuestion(reference, mode === undefined ? this.#settings.mode : readMode(mode))
    const { clock, timeoutMs } = this.#settings
    const start = clock()
    const errors: unknown[] = []
    const attempts: Attempt[] = []
    for (const [index, tier] of this.#tiers.entries()) {
      const budgetMs = tierBudgetMs(this.#tiers.slice(index), start + timeoutMs - clock(), timeoutMs)
      try {
        const limits = { timeoutMs: budgetMs, signal, who: tier.title }
        const found = await withinDeadline((inner) => tier.find(question, inner), limits)
        if (found !== undefined) return resolutionOf(found, reference, attempts)
      } catch (error) {
        errors.push(error)
        attempts.push(attemptOf(tier.name, error))
        if (endsSearch(attempts)) break
      }
    }
    throw failureOf(reference, attempts, errors)
  }
}

function parseQuestion(reference: string, mode: Mode | undefined): Question {
  try {
    return { reference, parsed: parseReference(String(reference)), mode }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw new PromptResolutionError('invalid_reference', `"${reference}" names no prompt. ${why}`, { cause })
  }
}

function resolutionOf(found: Found, reference: string, attempts: readonly Attempt[]): Resolution {
  const reason = found.stale ? 'last_known_good' : attempts.length > 0 ? 'fallback' : 'answered'
  return { ...found, reference, reason, attempts }
}
