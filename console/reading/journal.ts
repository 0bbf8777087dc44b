import { setImmediate } from 'node:timers/promises'
import { LIMITS } from '../../api/contract/limits.ts'
import type { EventDocument, RegistryApi } from '../../api/contract/registry-api.ts'

/** The newest events of all prompts, newest first. */
export interface JournalEvents {
  readonly events: readonly EventDocument[]
  /** The same, oldest first. The same list as long as no event comes. */
  readonly oldestFirst: readonly EventDocument[]
  /** false: later events exist that the console has not read yet. */
  readonly isCurrent: boolean
  /** false: older events exist that are not kept. */
  readonly isWhole: boolean
}

/** Bounds the calls of one page view. */
const MOST_PAGES = 20
const MOST_KEPT = 50_000

/** Follows the feed, which starts at the oldest event, and keeps its newest events. */
export class Journal {
  readonly #api: RegistryApi
  #events: EventDocument[] = []
  #cursor: string | undefined
  #isWhole = true
  #reading: Promise<boolean> | undefined

  constructor(api: RegistryApi) {
    this.#api = api
  }

  async events(): Promise<JournalEvents> {
    this.#reading ??= this.#follow().finally(() => {
      this.#reading = undefined
    })
    const isCurrent = await this.#reading
    const oldestFirst = this.#events
    return { events: oldestFirst.toReversed(), oldestFirst, isCurrent, isWhole: this.#isWhole }
  }

  async #follow(): Promise<boolean> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const cursor = this.#cursor
      const answer = await this.#api.feed({ limit: LIMITS.page, ...(cursor !== undefined && { cursor }) })
      this.#add(answer.events)
      this.#cursor = answer.next_cursor ?? cursor
      if (!answer.more) return true
      // A registry in this process answers without a pause, and would keep other requests waiting.
      await setImmediate()
    }
    return false
  }

  #add(events: readonly EventDocument[]): void {
    if (events.length === 0) return
    const all = [...this.#events, ...events]
    if (all.length > MOST_KEPT) this.#isWhole = false
    this.#events = all.slice(-MOST_KEPT)
  }
}
