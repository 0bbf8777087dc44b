import { LIMITS } from '../../api/contract/limits.ts'
import type { PromptRow, RegistryApi } from '../../api/contract/registry-api.ts'

/** All prompts that a person sees, ordered by id. */
export interface CatalogRows {
  readonly rows: readonly PromptRow[]
  /** false: the registry has more prompts than the console reads. */
  readonly isComplete: boolean
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

/**
 * The list of prompts, for counts and search. Up to 2,000 prompts are read for each page view. A larger list is at
 * most some seconds old: it is read again in the background, and a page shows the earlier one.
 */
export class Catalog {
  readonly #api: RegistryApi
  readonly #now: () => number
  #kept: KeptListing | undefined
  #reading: Promise<KeptListing> | undefined

  constructor(api: RegistryApi, now: () => number) {
    this.#api = api
    this.#now = now
  }

  async rows(): Promise<CatalogRows> {
    const kept = this.#kept
    if (kept === undefined || kept.pages <= FRESH_PAGES) return (await this.#read()).answer
    const age = this.#now() - kept.at
    if (age > MOST_KEPT_MS) return (await this.#read()).answer
    // A failure shows on the next page that waits for a listing.
    if (age > KEPT_MS) this.#read().catch(() => undefined)
    return kept.answer
  }

  /** After a change by this person, the next page shows it. */
  forget(): void {
    this.#kept = undefined
    this.#reading = undefined
  }

  #read(): Promise<KeptListing> {
    const reading = this.#reading ?? this.#readPages()
    if (this.#reading === undefined) {
      this.#reading = reading
      const done = () => {
        if (this.#reading === reading) this.#reading = undefined
      }
      reading.then((kept) => {
        if (this.#reading === reading) this.#kept = kept
        done()
      }, done)
    }
    return reading
  }

  async #readPages(): Promise<KeptListing> {
    const at = this.#now()
    const rows: PromptRow[] = []
    let cursor: string | undefined
    let pages = 0
    do {
      const answer = await this.#api.list({ limit: LIMITS.page, ...(cursor !== undefined && { cursor }) })
      rows.push(...answer.prompts)
      cursor = answer.next_cursor ?? undefined
      pages += 1
    } while (cursor !== undefined && pages < MOST_PAGES)
    return { at, pages, answer: { rows, isComplete: cursor === undefined } }
  }
}
