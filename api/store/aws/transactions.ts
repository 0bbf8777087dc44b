import {
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { RegistryError } from '../../contract/errors.ts'
import { type Calls, noTries } from './calls.ts'
import { cancellationReasons, errorName, passing, unconfirmed } from './failures.ts'

/** The limits of a DynamoDB transaction: 100 items and 4 MB, including attribute names and numbers. */
const MOST = { items: 100, bytes: 3_500_000, inFlight: 4 }

interface TransactionJob {
  readonly subject: string
  readonly items: readonly TransactWriteItem[]
  readonly bytes: number
  readonly resolve: (done: boolean) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes sets of rows, each all or nothing. Sets that wait at the same time share a transaction, so an import of
 * many prompts takes fewer calls. If a set is refused, the others are written without it.
 */
export class Transactions {
  readonly #client: DynamoDBClient
  readonly #calls: Calls
  #queue: TransactionJob[] = []
  #inFlight = 0

  constructor(client: DynamoDBClient, calls: Calls) {
    this.#client = client
    this.#calls = calls
  }

  /**
   * Returns false if a condition fails. Sets with the same `subject` may touch the same rows, so they never share
   * a transaction. Throws `too_large` if the set does not fit into a transaction, `busy`, `unavailable`; with
   * `details.unconfirmed` if the rows may have been written, because an attempt had no answer.
   */
  async write(subject: string, items: readonly TransactWriteItem[]): Promise<boolean> {
    const bytes = sizeOf(items)
    if (items.length > MOST.items || bytes > MOST.bytes) throw tooLarge(items.length, bytes)
    return await new Promise<boolean>((resolve, reject) => {
      this.#queue.push({ subject, items, bytes, resolve, reject })
      setImmediate(() => this.#next())
    })
  }

  #next(): void {
    while (this.#queue.length > 0 && this.#inFlight < MOST.inFlight) {
      this.#inFlight++
      void this.#run(this.#takeGroup()).finally(() => {
        this.#inFlight--
        this.#next()
      })
    }
  }

  #takeGroup(): TransactionJob[] {
    const group: TransactionJob[] = []
    const rest: TransactionJob[] = []
    const subjects = new Set<string>()
    let [count, bytes] = [0, 0]
    for (const job of this.#queue) {
      const fits = count + job.items.length <= MOST.items && bytes + job.bytes <= MOST.bytes
      if (!fits || subjects.has(job.subject)) {
        rest.push(job)
        continue
      }
      group.push(job)
      subjects.add(job.subject)
      count += job.items.length
      bytes += job.bytes
    }
    this.#queue = rest
    return group
  }

  /** Settles every job of the group. Never rejects. */
  async #run(group: readonly TransactionJob[]): Promise<void> {
    let left = group
    let tries = noTries()
    let isUnanswered = false
    while (left.length > 0) {
      const error = await this.#send(left)
      if (error === undefined) {
        for (const job of left) job.resolve(true)
        return
      }
      isUnanswered ||= ['timeout', 'broken'].includes(passing(error) ?? '')
      const refused = refusedOf(left, cancellationReasons(error))
      for (const job of refused) job.resolve(false)
      left = left.filter((job) => !refused.includes(job))
      if (refused.length > 0) tries = noTries()
      else if (!(await this.#calls.again(error, tries))) return await this.#fail(left, error, isUnanswered)
    }
  }

  async #send(jobs: readonly TransactionJob[]): Promise<unknown> {
    const TransactItems = jobs.flatMap(({ items }) => items)
    try {
      const command = new TransactWriteItemsCommand({ TransactItems })
      await this.#calls.once((abortSignal) => this.#client.send(command, { abortSignal }))
      return undefined
    } catch (error) {
      return error ?? new Error('no reason given')
    }
  }

  /** One job may have caused the error, so each job is tried by itself. */
  async #fail(jobs: readonly TransactionJob[], error: unknown, isUnanswered: boolean): Promise<void> {
    const ofOneJob = ['ValidationException', 'TransactionCanceledException'].includes(errorName(error))
    if (jobs.length > 1 && ofOneJob) {
      for (const job of jobs) await this.#run([job])
      return
    }
    const failure = this.#calls.failure(error)
    for (const job of jobs) job.reject(isUnanswered ? unconfirmed(failure) : failure)
  }
}

function refusedOf(jobs: readonly TransactionJob[], reasons: readonly string[]): TransactionJob[] {
  let from = 0
  return jobs.filter(({ items }) => {
    const own = reasons.slice(from, from + items.length)
    from += items.length
    return own.includes('ConditionalCheckFailed')
  })
}

function sizeOf(items: readonly TransactWriteItem[]): number {
  return Buffer.byteLength(JSON.stringify(items), 'utf8')
}

function tooLarge(items: number, bytes: number): RegistryError {
  return new RegistryError(
    'too_large',
    `This change writes ${items} rows and ${bytes} bytes; the database takes at most ${MOST.items} rows and ${MOST.bytes} bytes per transaction. Split the change.`,
    { details: { items, bytes } },
  )
}
