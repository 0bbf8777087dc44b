import { dayOf } from '../contract/day.ts'
import type { ReadCount } from '../store/read-store.ts'
import type { ReadVersion } from './report-read.ts'

export interface ReadCounterOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  /** The share of reads that is counted, above 0 and at most 1. Counts are divided by it. Default: 1. */
  readonly rate?: number
  /** Combinations of prompt, version, application and day in memory. Reads of others are not counted. Default: 10,000. */
  readonly mostCounts?: number
  /** Applications per day. The reads of others are counted together. Default: 200. */
  readonly mostApplications?: number
}

/** The name under which the reads of too many applications are counted together. */
export const OTHER_APPLICATIONS = 'other'

/** Counts reads in bounded memory, until somebody takes the counts. */
export class ReadCounter {
  readonly #options: Required<ReadCounterOptions>
  #counts = new Map<string, ReadCount>()
  #applications = new Set<string>()
  #day = ''
  #dayEnds = Number.NEGATIVE_INFINITY

  constructor(options: ReadCounterOptions) {
    this.#options = { rate: 1, mostCounts: 10_000, mostApplications: 200, ...options }
  }

  /** Never throws, and never waits. */
  count(application: string, { promptId, version }: ReadVersion): void {
    const { rate, random } = this.#options
    if (rate < 1 && random() >= rate) return
    const day = this.#today()
    this.#add({ promptId, version, application: this.#counted(application), day, reads: 1 })
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  /** Removes and returns up to `most` counts, the earliest first. */
  take(most: number): readonly ReadCount[] {
    const taken: ReadCount[] = []
    for (const [key, count] of this.#counts) {
      if (taken.length === most) break
      this.#counts.delete(key)
      taken.push(count)
    }
    const { rate } = this.#options
    return taken.map((count) => ({ ...count, reads: Math.round(count.reads / rate) }))
  }

  /** Adds counts again that were taken but not stored. */
  putBack(counts: readonly ReadCount[]): void {
    const { rate } = this.#options
    for (const count of counts) this.#add({ ...count, reads: count.reads * rate })
  }

  #add(count: ReadCount): void {
    const key = `${count.promptId}#${count.version}#${count.application}#${count.day}`
    const before = this.#counts.get(key)
    if (before === undefined && this.#counts.size >= this.#options.mostCounts) return
    this.#counts.set(key, before === undefined ? count : { ...count, reads: before.reads + count.reads })
  }

  #counted(application: string): string {
    if (this.#applications.has(application)) return application
    if (this.#applications.size >= this.#options.mostApplications) return OTHER_APPLICATIONS
    this.#applications.add(application)
    return application
  }

  #today(): string {
    const now = this.#options.now()
    if (now < this.#dayEnds && now >= this.#dayEnds - DAY_MS) return this.#day
    this.#day = dayOf(now)
    this.#dayEnds = Date.parse(this.#day) + DAY_MS
    this.#applications = new Set()
    return this.#day
  }
}

const DAY_MS = 24 * 60 * 60 * 1000
