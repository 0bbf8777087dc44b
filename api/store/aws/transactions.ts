import {
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import { RegistryError } from '../../contract/errors.ts'
import { awsFailure, backOff, cancellationReasons, errorName, isPassing } from './failures.ts'

/** What DynamoDB takes in one transaction is 100 items and 4 MB; attribute names and numbers count too. */
const MOST = { items: 100, bytes: 3_500_000, inFlight: 4 }

interface Job {
  readonly subject: string
  readonly items: readonly TransactWriteItem[]
  readonly bytes: number
  readonly resolve: (done: boolean) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes sets of rows, each all or nothing, and those that wait at the same time in one transaction: an import of
 * many prompts then costs one call for several of them. A set that is refused is taken out and the others go on.
 */
export class Transactions {
  readonly #client: DynamoDBClient
  readonly #random: () => number
  #queue: Job[] = []
  #inFlight = 0

  constructor(client: DynamoDBClient, random: () => number) {
    this.#client = client
    this.#random = random
  }

  /**
   * Gives false where a condition did not hold. Sets with one `subject` may touch the same rows, so they never go
   * together. Throws `too_large` where the set does not fit into a transaction, `busy`, `unavailable`.
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

  #takeGroup(): Job[] {
    const group: Job[] = []
    const rest: Job[] = []
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

  /** Settles every job of the group; never rejects. */
  async #run(group: readonly Job[]): Promise<void> {
    let left = group
    for (let attempt = 1; left.length > 0; attempt++) {
      const error = await this.#send(left)
      if (error === undefined) {
        for (const job of left) job.resolve(true)
        return
      }
      const refused = refusedOf(left, cancellationReasons(error))
      for (const job of refused) job.resolve(false)
      left = left.filter((job) => !refused.includes(job))
      if (refused.length > 0) attempt = 0
      else if (!isPassing(error)) return await this.#fail(left, error)
      else if (!(await backOff(this.#random, attempt))) return await this.#fail(left, error)
    }
  }

  async #send(jobs: readonly Job[]): Promise<unknown> {
    const TransactItems = jobs.flatMap(({ items }) => items)
    try {
      await this.#client.send(new TransactWriteItemsCommand({ TransactItems }))
      return undefined
    } catch (error) {
      return error ?? new Error('no reason given')
    }
  }

  /** A request that DynamoDB does not take may be one job's fault, so each job is tried by itself. */
  async #fail(jobs: readonly Job[], error: unknown): Promise<void> {
    const ofOneJob = ['ValidationException', 'TransactionCanceledException'].includes(errorName(error))
    if (jobs.length > 1 && ofOneJob) {
      for (const job of jobs) await this.#run([job])
      return
    }
    for (const job of jobs) job.reject(awsFailure(error))
  }
}

function refusedOf(jobs: readonly Job[], reasons: readonly string[]): Job[] {
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
    `This change writes ${items} rows of ${bytes} bytes, and the database takes at most ${MOST.items} rows and ${MOST.bytes} bytes in one step; make it in smaller steps.`,
    { details: { items, bytes } },
  )
}
