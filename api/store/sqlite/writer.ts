import type { DatabaseSync } from 'node:sqlite'
import type { RegistryError } from '../../contract/errors.ts'
import { isBusy, isTrouble, storageFull, storeFailure } from './failures.ts'

const LONGEST_GROUP = 256
const RETRY_MS = { least: 2, most: 12 }

interface WriteJob {
  readonly run: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
  readonly since: number
}

export interface WriterOptions {
  /** Milliseconds. Only differences count. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  /** How long a write waits for other processes before it fails with `busy`. */
  readonly patienceMs: number
  /** Free bytes on the database's disk. */
  readonly freeBytes: () => number
  /** One byte, shared by the writers of all threads: whether the next write is expected to fail too. */
  readonly trouble: Uint8Array
}

export const TROUBLE_BYTES = 1
const NO_TROUBLE = 0
const DISK_FULL = 1
const NOT_WRITABLE = 2

/** Both the log and the file need space for one request (at most 2 MiB) and its indexes. */
const ENOUGH_ROOM = 8 * 1024 * 1024

/**
 * Runs writes one after another. Those that arrive together share a transaction, because each commit costs one
 * disk sync. Each write is still atomic.
 */
export class Writer {
  readonly #database: DatabaseSync
  readonly #options: WriterOptions
  #jobs: WriteJob[] = []
  #scheduled = false
  #transactions = 0

  constructor(database: DatabaseSync, options: WriterOptions) {
    this.#database = database
    this.#options = options
  }

  /** The number of transactions so far, failed ones included. */
  get transactions(): number {
    return this.#transactions
  }

  /** `run` is synchronous, and may run twice. If it throws, only this write is rejected. */
  write<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ run, resolve: resolve as (value: never) => void, reject, since: this.#options.now() })
      this.#schedule()
    })
  }

  /**
   * Rejects while writes fail. After a failure it tries a small write, unless there is too little space for a
   * larger one, because a full disk often accepts a few bytes.
   */
  async check(): Promise<void> {
    const { trouble, freeBytes } = this.#options
    if (trouble[0] === NO_TROUBLE) return
    if (trouble[0] === DISK_FULL && freeBytes() < ENOUGH_ROOM) throw storageFull()
    await this.write(() => rewriteFirstPage(this.#database))
    trouble[0] = NO_TROUBLE
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
    this.#transactions++
    let outcomes: readonly (() => void)[]
    try {
      outcomes = this.#runTogether(group) ?? group.map((job) => this.#runOne(job))
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      for (const job of group) job.reject(this.#failure(error))
      return
    } finally {
      if (this.#jobs.length > 0) this.#schedule()
    }
    for (const settle of outcomes) settle()
  }

  /** Runs all writes. Undefined if one of them failed: then none is made, and each needs a savepoint of its own. */
  #runTogether(group: readonly WriteJob[]): readonly (() => void)[] | undefined {
    // SQLite copies the pages that a savepoint changes, so one per write took 8 % of the time of an import.
    this.#database.exec('SAVEPOINT together')
    try {
      const values = group.map(({ run }) => run())
      this.#database.exec('RELEASE together')
      return group.map((job, index) => () => job.resolve(values[index] as never))
    } catch (error) {
      // If the disk is full or fails, SQLite rolls back the whole transaction, so nothing of the group is written.
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO together; RELEASE together')
      return undefined
    }
  }

  /** Runs one write in its own savepoint. Returns a function that settles it once the group is on disk. */
  #runOne(job: WriteJob): () => void {
    this.#database.exec('SAVEPOINT job')
    try {
      const value = job.run()
      this.#database.exec('RELEASE job')
      return () => job.resolve(value as never)
    } catch (error) {
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO job; RELEASE job')
      const failure = this.#failure(error)
      return () => job.reject(failure)
    }
  }

  /** Another process is writing: requeues the group at the front, except for writes that timed out. */
  #wait(group: readonly WriteJob[], error: unknown): void {
    const deadline = this.#options.now() - this.#options.patienceMs
    const patient = isBusy(error) ? group.filter((job) => job.since > deadline) : []
    for (const job of group) if (!patient.includes(job)) job.reject(this.#failure(error))
    this.#jobs.unshift(...patient)
    const { least, most } = RETRY_MS
    if (this.#jobs.length > 0) this.#schedule(least + this.#options.random() * (most - least))
  }

  #failure(error: unknown): RegistryError {
    const failure = storeFailure(error)
    if (isTrouble(error))
      this.#options.trouble[0] = failure.code === 'storage_full' ? DISK_FULL : NOT_WRITABLE
    return failure
  }
}

/** A write without changes. */
function rewriteFirstPage(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  database.exec(`PRAGMA user_version = ${version}`)
}
