import type { DatabaseSync } from 'node:sqlite'
import { isBusy, storeFailure } from './failures.ts'

const LONGEST_GROUP = 256
const RETRY_MS = { least: 2, most: 12 }

interface Job {
  readonly run: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
  readonly since: number
}

export interface WriterOptions {
  /** Milliseconds; only differences count. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  /** How long a write waits for other processes before it is `busy`. */
  readonly patienceMs: number
}

/**
 * Runs writes one after another, and those that arrive together in one transaction: a commit costs a sync of the
 * disk, however many writes are in it. Each write is all or nothing by itself.
 */
export class Writer {
  readonly #database: DatabaseSync
  readonly #options: WriterOptions
  #jobs: Job[] = []
  #scheduled = false

  constructor(database: DatabaseSync, options: WriterOptions) {
    this.#database = database
    this.#options = options
  }

  /** `run` is synchronous; what it throws rejects this write alone. */
  write<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ run, resolve: resolve as (value: never) => void, reject, since: this.#options.now() })
      this.#schedule()
    })
  }

  #schedule(delayMs = 0): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const flush = () => {
      this.#scheduled = false
      this.#flush()
    }
    if (delayMs === 0) setImmediate(flush)
    else setTimeout(flush, delayMs)
  }

  #flush(): void {
    const group = this.#jobs.splice(0, LONGEST_GROUP)
    if (group.length === 0) return
    try {
      this.#database.exec('BEGIN IMMEDIATE')
    } catch (error) {
      this.#wait(group, error)
      return
    }
    let outcomes: readonly (() => void)[]
    try {
      outcomes = group.map((job) => this.#runOne(job))
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      for (const job of group) job.reject(storeFailure(error))
      return
    } finally {
      if (this.#jobs.length > 0) this.#schedule()
    }
    for (const settle of outcomes) settle()
  }

  /** Runs one write in its own savepoint and gives what is to be told once the group is on disk. */
  #runOne(job: Job): () => void {
    this.#database.exec('SAVEPOINT job')
    try {
      const value = job.run()
      this.#database.exec('RELEASE job')
      return () => job.resolve(value as never)
    } catch (error) {
      // SQLite gives the whole transaction up where the disk is full or fails: then nothing of the group is written.
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO job; RELEASE job')
      return () => job.reject(storeFailure(error))
    }
  }

  /** Another process is writing: puts the group back in front, but for those whose patience has ended. */
  #wait(group: readonly Job[], error: unknown): void {
    const deadline = this.#options.now() - this.#options.patienceMs
    const patient = isBusy(error) ? group.filter((job) => job.since > deadline) : []
    for (const job of group) if (!patient.includes(job)) job.reject(storeFailure(error))
    this.#jobs.unshift(...patient)
    const { least, most } = RETRY_MS
    if (this.#jobs.length > 0) this.#schedule(least + this.#options.random() * (most - least))
  }
}
