import { RegistryError } from '../api/contract/errors.ts'
import { seesDrafts } from '../api/contract/mode.ts'
import type { Cache, Entry } from './cache.ts'
import type { ClientMemory } from './memory.ts'
import type { PointerNews, Pointers } from './pointers.ts'
import type { Question } from './tier.ts'

export interface FollowedSourcesOptions {
  readonly cache: Pick<Cache, 'entries'>
  readonly memory: Pick<ClientMemory, 'confirm' | 'postpone'>
  readonly pointers: Pick<Pointers, 'renew' | 'covers'>
  readonly staleForMs: number
  readonly clock: () => number
  /** Whether a text may be confirmed without being sent again. */
  readonly mayConfirm: (entry: Entry) => boolean
  /** Asks for these in the background. */
  readonly ask: (questions: readonly Question[]) => void
}

/**
 * Refreshes all prompts of a source, and pins, by one conditional request for its pointer: each release and each change
 * by hand moves it. Only if it moved, the prompts that are in use are asked for themselves.
 */
export class FollowedSources {
  readonly #options: FollowedSourcesOptions
  /** The questions for which the pointer of a source was asked, by key. */
  readonly #waiting = new Map<string, Map<string, Question>>()

  constructor(options: FollowedSourcesOptions) {
    this.#options = options
  }

  /** Asks for the pointers of the sources of these questions, and returns the questions that must be asked themselves. */
  follow(questions: readonly Question[]): readonly Question[] {
    const own: Question[] = []
    const bySource = new Map<string, Question[]>()
    for (const question of questions) {
      const source = this.#sourceOf(question)
      const group = source === undefined ? own : (bySource.get(source) ?? [])
      group.push(question)
      if (source !== undefined) bySource.set(source, group)
    }
    for (const [source, group] of bySource) {
      if (group.some((question) => this.#isOld(question))) own.push(...group)
      else this.#wait(source, group)
    }
    return own
  }

  onNews(source: string, news: PointerNews): void {
    const { cache, memory, mayConfirm, ask } = this.#options
    const due = new Map(this.#waiting.get(source))
    this.#waiting.delete(source)
    const entries = [...cache.entries.values()].filter(({ question }) => this.#sourceOf(question) === source)
    if (news.kind === 'failed') {
      for (const entry of entries) memory.postpone(entry, news.attempts)
      return
    }
    if (news.kind === 'stands') {
      for (const entry of entries) {
        const { question, turn, used, usedAtAnswer } = entry
        if (news.turn <= turn && mayConfirm(entry)) {
          memory.confirm(entry)
          due.delete(question.key)
        } else if (news.hasRevocations || used > usedAtAnswer) due.set(question.key, question)
      }
    }
    if (due.size > 0) ask([...due.values()])
  }

  #wait(source: string, questions: readonly Question[]): void {
    const waiting = this.#waiting.get(source) ?? new Map<string, Question>()
    for (const question of questions) waiting.set(question.key, question)
    this.#waiting.set(source, waiting)
    void this.#options.pointers.renew(source, true)
  }

  /** The source whose pointer tells whether the answer changed. */
  #sourceOf({ key, set, mode }: Question): string | undefined {
    const { cache, pointers } = this.#options
    const answer = cache.entries.get(key)?.answer
    if (answer === undefined || answer instanceof RegistryError || answer.source === null) return undefined
    if (set !== undefined || answer.status === 'draft' || (mode !== undefined && seesDrafts(mode)))
      return undefined
    return pointers.covers(answer.source, mode !== undefined) ? answer.source : undefined
  }

  /** A pointer does not move when a prompt is archived or gets another name. */
  #isOld({ key }: Question): boolean {
    const { cache, clock, staleForMs } = this.#options
    return clock() - (cache.entries.get(key)?.answeredAt ?? 0) >= staleForMs
  }
}
