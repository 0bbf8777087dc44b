import { expect } from 'vitest'
import { RegistryError } from '../../../api/contract/errors.ts'
import type { CurrentSet, RegistryApi, ResolveManyRequest } from '../../../api/contract/registry-api.ts'
import { allPages } from '../../../client/pages.ts'
import type { Answers, Model, Texts } from './model.ts'
import type { Random } from './random.ts'

/** The most references of a request. */
const MOST_REFERENCES = 24
const MOST_SESSIONS = 4

/** Agents that read one source, some of them in sessions. */
export class Readers {
  readonly #api: RegistryApi
  readonly #source: string
  readonly #model: Model
  readonly #random: Random
  #sessions: string[] = []

  constructor(api: RegistryApi, source: string, model: Model, random: Random) {
    this.#api = api
    this.#source = source
    this.#model = model
    this.#random = random
  }

  /** One batch from the current set, one from a session, and one from the prompts themselves. */
  async read(ids: readonly string[]): Promise<void> {
    const references = this.#random.some(ids, MOST_REFERENCES)
    const model = this.#model
    const alone = await this.#answers({ references, sets: false })
    model.expectNoneUndone(alone.answers, 'a prompt')
    const current = await this.#batch(references)
    if (current !== null) await this.#session(current.set, references)
  }

  /** Reads from the current set, which it returns; `null` before the first. */
  async #batch(references: string[]): Promise<CurrentSet | null> {
    const current = await this.currentSet()
    if (current === null) return null
    const batch = await this.#answers({ references })
    expect(batch.sets.size).toBeLessThanOrEqual(1)
    // A call that was on its way may have moved the pointer meanwhile, if calls take as long as on AWS.
    if ((await this.currentSet())?.sequence !== current.sequence) return await this.#batch(references)
    expect([...batch.sets].filter((set) => set !== current.set)).toEqual([])
    this.#model.expectFromSet(current.set, batch.answers, 'a batch')
    this.#model.expectNoneUndone(batch.answers, 'a batch')
    this.#model.expectRolledBack(batch.answers, current, 'a batch')
    return current
  }

  /** The pointer, whose set is checked; `null` before the first. */
  async currentSet(): Promise<CurrentSet | null> {
    try {
      const current = await this.#api.currentSet(this.#source)
      this.#model.expectSet(current, await this.textsOf(current.set))
      return current
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'no_set') return null
      throw error
    }
  }

  async textsOf(set: string): Promise<Texts> {
    const { members } = await this.#api.releaseSet(set)
    return new Map(Object.entries(members).map(([id, identity]) => [id, identity.slice(0, 12)]))
  }

  /** The labels of the source's stable versions. */
  async served(): Promise<ReadonlyMap<string, string | null>> {
    return new Map((await this.#rows()).map(({ prompt_id, stable }) => [prompt_id, stable]))
  }

  /** Ids of the source's prompts that have a hold of their own. */
  async held(): Promise<ReadonlySet<string>> {
    return new Set((await this.#rows()).flatMap(({ prompt_id, hold }) => (hold === null ? [] : [prompt_id])))
  }

  async #rows() {
    const page = (cursor: { readonly cursor?: string }) =>
      this.#api.list({ source: this.#source, limit: 1000, ...cursor })
    return await Array.fromAsync(allPages(page, (answer) => answer.prompts))
  }

  async #session(current: string, references: readonly string[]): Promise<void> {
    this.#sessions = [...this.#sessions, current].slice(-MOST_SESSIONS)
    if (this.#random.chance(0.3)) this.#sessions.reverse()
    const set = this.#random.one(this.#sessions)
    const { answers } = await this.#answers({ references: [...references], set })
    this.#model.expectFromSet(set, answers, 'a session')
  }

  async #answers(request: ResolveManyRequest): Promise<{ answers: Answers; sets: ReadonlySet<string> }> {
    const { results } = await this.#api.resolveMany({ ...request, mode: 'production' })
    const answers = new Map<string, string>()
    const sets = new Set<string>()
    for (const result of results) {
      if ('prompt' in result) {
        answers.set(result.reference, result.prompt.version)
        if (result.prompt.set !== undefined) sets.add(result.prompt.set)
      } else answers.set(result.reference, 'code' in result ? result.code : 'unchanged')
    }
    return { answers, sets }
  }
}
