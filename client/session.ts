import { isPromptResolutionError, PromptResolutionError } from './errors.ts'
import type { CallOptions } from './options.ts'
import type { Pointers } from './pointers.ts'
import { inSet } from './questions.ts'
import type { Resolution } from './resolution.ts'
import { checkNames } from './settings.ts'
import type { Question, SourceSet } from './tier.ts'

/**
 * Of a session.
 *
 * @example
 * ```ts
 * const run = await client.session({ source: ['support', 'sales'], outside: 'stable' })
 * ```
 */
export interface SessionOptions {
  /** The source whose prompts the session reads, or several. */
  readonly source: string | readonly string[]
  /** `error` (default): a prompt outside of the sets is `not_in_set`. `stable`: it is read as without a session. */
  readonly outside?: 'error' | 'stable' | undefined
}

/**
 * For one call of a session.
 *
 * @example
 * ```ts
 * const text = await run.get('support/triage', { signal: AbortSignal.timeout(500) })
 * ```
 */
export type SessionCallOptions = Pick<CallOptions, 'signal'>

/**
 * Reads prompts of one generation: what their sources served as a whole when the session began. Revocations still
 * reach it. References with a pin are read as without a session.
 *
 * @example
 * ```ts
 * const run: PromptSession = await client.session({ source: 'support' })
 * const text = await run.get('support/triage')
 * ```
 */
export interface PromptSession {
  /**
   * The digest of the set; with several sources, their digests with commas. `null` without a set: before the first
   * release, for a registry without sets, or if none answers. Then the session reads as its client does.
   */
  readonly set: string | null
  /** The tag that the set was released with, as in `set`. */
  readonly release: string | null
  /** The text of a prompt. Rejects with `PromptResolutionError`. */
  get(reference: string, options?: SessionCallOptions): Promise<string>
  /** The text, its version, and where it came from. Rejects with `PromptResolutionError`. */
  resolve(reference: string, options?: SessionCallOptions): Promise<Resolution>
  /** Moves to the current sets. Resolves to whether it moved. Without an answer it stays where it is. */
  refresh(): Promise<boolean>
}

const OPTION_NAMES: readonly string[] = ['source', 'outside']
const SOURCE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const CALL_OPTION_NAMES: readonly string[] = ['signal']

/** The parts of its client that a session needs. */
export interface SessionClient {
  /** `undefined` in modes that see drafts, which no set has. */
  readonly pointers: Pointers | undefined
  readonly question: (reference: string) => Question
  readonly resolve: (question: Question, options: SessionCallOptions) => Promise<Resolution>
}

/** Asks for the current sets. Throws `invalid_configuration`. */
export async function startSession(client: SessionClient, options: SessionOptions): Promise<PromptSession> {
  checkNames('option of a session', options, OPTION_NAMES)
  const { source, outside = 'error' } = options
  const sources = checkedSources(typeof source === 'string' ? [source] : source)
  const pointersOf = async (ask: 'current' | 'latest') =>
    await Promise.all(sources.map(async (name) => await client.pointers?.[ask](name)))
  return new SetSession(client, outside, await pointersOf('current'), () => pointersOf('latest'))
}

function checkedSources(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !SOURCE_NAME.test(name))
  if (names.length > 0 && wrong === undefined) return names
  const given = wrong === undefined ? '' : ` "${wrong}" cannot name one.`
  throw new PromptResolutionError(
    'invalid_configuration',
    `A session needs the name of a source, or several.${given} promptctl sources lists them.`,
  )
}

type SourcePointers = readonly (SourceSet | undefined)[]

class SetSession implements PromptSession {
  readonly #client: SessionClient
  readonly #outside: 'error' | 'stable'
  readonly #latest: () => Promise<SourcePointers>
  #pointers: SourcePointers

  constructor(
    client: SessionClient,
    outside: 'error' | 'stable',
    pointers: SourcePointers,
    latest: () => Promise<SourcePointers>,
  ) {
    this.#client = client
    this.#outside = outside
    this.#pointers = pointers
    this.#latest = latest
  }

  get set(): string | null {
    return listed(this.#pointers.map((pointer) => pointer?.digest))
  }

  get release(): string | null {
    return listed(this.#pointers.map((pointer) => pointer?.release))
  }

  get(reference: string, options?: SessionCallOptions): Promise<string> {
    return this.resolve(reference, options).then(({ text }) => text)
  }

  async resolve(reference: string, options: SessionCallOptions = {}): Promise<Resolution> {
    checkNames('option of a call', options, CALL_OPTION_NAMES)
    const question = this.#client.question(reference)
    if (question.parsed.pin !== undefined) return await this.#client.resolve(question, options)
    const pointers = this.#pointers.filter((pointer) => pointer !== undefined)
    try {
      return await this.#find(question, pointers, options)
    } finally {
      // Only now: a tier that was down is asked by one call, which must not be this one.
      for (const { source } of pointers) this.#client.pointers?.check(source)
    }
  }

  async #find(
    question: Question,
    pointers: readonly SourceSet[],
    options: SessionCallOptions,
  ): Promise<Resolution> {
    let outside: unknown
    for (const pointer of pointers) {
      try {
        return await this.#client.resolve(inSet(question, pointer), options)
      } catch (error) {
        if (!isPromptResolutionError(error) || error.code !== 'not_in_set') throw error
        outside = error
      }
    }
    // A source without a set serves its stable versions.
    const isDefinite = this.#outside === 'error' && pointers.length === this.#pointers.length
    if (outside !== undefined && isDefinite) throw outside
    return await this.#client.resolve(question, options)
  }

  async refresh(): Promise<boolean> {
    const before = this.set
    this.#pointers = await this.#latest()
    return this.set !== before
  }
}

function listed(names: readonly (string | null | undefined)[]): string | null {
  const known = names.filter((name) => typeof name === 'string')
  return known.length === 0 ? null : known.join(',')
}
