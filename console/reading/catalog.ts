import { setImmediate } from 'node:timers/promises'
import { LIMITS } from '../../api/contract/limits.ts'
import type { RegistryApi, SummaryRow } from '../../api/contract/registry-api.ts'

/** All prompts that a person sees, ordered by id. */
export interface CatalogRows {
  readonly rows: readonly SummaryRow[]
  /** false: the registry has more prompts than these. */
  readonly isComplete: boolean
  /** The rest is being read, and the next page view has it. */
  readonly isReading: boolean
}

/** Bounds the calls for one listing: 20,000 prompts. */
const MOST_PAGES = 20
/** A listing of so many calls is read again on each page view. */
const FRESH_PAGES = 2
const KEPT_MS = 15_000
const MOST_KEPT_MS = 300_000

interface KeptListing {
  readonly at: number
  readonly pages: number
  readonly answer: CatalogRows
}

interface ListingRead {
  /** The first prompts, as soon as it is known that more follow. */
  readonly start: Promise<CatalogRows>
  readonly whole: Promise<KeptListing>
}

/**
 * The list of prompts, for counts and search. Up to 2,000 prompts are read for each page view. A larger list is at
 * most some seconds old: it is read again in the background, and a page shows the earlier one.
 */
export class Catalog {
  readonly #api: Pick<RegistryApi, 'summaries'>
  readonly #now: () => number
  #kept: KeptListing | undefined
  #reading: ListingRead | undefined

  constructor(api: Pick<RegistryApi, 'summaries'>, now: () => number) {
    this.#api = api
    this.#now = now
  }

  async rows(): Promise<CatalogRows> {
    return this.#usable() ?? (await this.#read().whole).answer
  }

  /** Like `rows`, but does not wait for more than the first 2,000 prompts. */
  async rowsSoFar(): Promise<CatalogRows> {
    const usable = this.#usable()
    if (usable !== undefined) return usable
    const { start, whole } = this.#read()
    return await Promise.race([whole.then(({ answer }) => answer), start])
  }

  /** After a change by this person, the next page shows it. */
  forget(): void {
    this.#kept = undefined
    this.#reading = undefined
  }

  /** The kept listing, unless a page view must read it again. */
  #usable(): CatalogRows | undefined {
    const kept = this.#kept
    if (kept === undefined || kept.pages <= FRESH_PAGES) return undefined
    const age = this.#now() - kept.at
    if (age > MOST_KEPT_MS) return undefined
    if (age > KEPT_MS) this.#read()
    return kept.answer
  }

  #read(): ListingRead {
    if (this.#reading !== undefined) return this.#reading
    const { promise: start, resolve } = Promise.withResolvers<CatalogRows>()
    const reading: ListingRead = { start, whole: this.#readPages(resolve) }
    this.#reading = reading
    const end = (kept?: KeptListing) => {
      if (this.#reading !== reading) return
      this.#reading = undefined
      if (kept !== undefined) this.#kept = kept
    }
    // A failure in the background shows on the next page that waits for a listing.
    reading.whole.then(end, () => end())
    return reading
  }

  async #readPages(onStart: (start: CatalogRows) => void): Promise<KeptListing> {
    const at = this.#now()
    const rows: SummaryRow[] = []
    let cursor: string | undefined
    let pages = 0
    do {
      const answer = await this.#api.summaries({
        limit: LIMITS.page,
        ...(cursor !== undefined && { cursor }),
      })
      rows.push(...answer.prompts)
      cursor = answer.next_cursor ?? undefined
      pages += 1
      if (cursor === undefined || pages < FRESH_PAGES) continue
      if (pages === FRESH_PAGES) onStart({ rows: [...rows], isComplete: false, isReading: true })
      // A registry in this process answers without a pause, and would keep other requests waiting.
      await setImmediate()
    } while (cursor !== undefined && pages < MOST_PAGES)
    return { at, pages, answer: { rows, isComplete: cursor === undefined, isReading: false } }
  }
}
