import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { type Calls, noTries } from './calls.ts'
import { tooBusy, tooMuchAtOnce } from './failures.ts'
import { type Key, keyOfRow, keyRow, type Row } from './keys.ts'

/** The maximum number of rows per DynamoDB call. */
const MOST_GOT = 100

interface WaitingRead {
  readonly key: Key
  readonly promise: Promise<Row | undefined>
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Reads single rows, batched into few calls. Strongly consistent. Throws `RegistryError`. */
export class RowReader {
  readonly #client: DynamoDBClient
  readonly #table: string
  readonly #calls: Calls
  #waiting = new Map<string, WaitingRead>()

  constructor(client: DynamoDBClient, table: string, calls: Calls) {
    this.#client = client
    this.#table = table
    this.#calls = calls
  }

  /** Concurrent reads share one call, which reads each row once. */
  get(key: Key): Promise<Row | undefined> {
    const id = idOf(key)
    const asked = this.#waiting.get(id)
    if (asked !== undefined) return asked.promise
    if (this.#waiting.size === 0) setImmediate(() => this.#dispatch())
    const waiting = { key, ...Promise.withResolvers<Row | undefined>() }
    this.#waiting.set(id, waiting)
    return waiting.promise
  }

  #dispatch(): void {
    const all = [...this.#waiting.values()]
    this.#waiting = new Map()
    for (let from = 0; from < all.length; from += MOST_GOT) void this.#read(all.slice(from, from + MOST_GOT))
  }

  async #read(group: readonly WaitingRead[]): Promise<void> {
    try {
      const [only] = group
      if (group.length === 1 && only !== undefined) only.resolve(await this.#getOne(only.key))
      else await this.#getMany(group)
    } catch (error) {
      for (const waiting of group) waiting.reject(error)
    }
  }

  async #getOne(key: Key): Promise<Row | undefined> {
    const command = new GetItemCommand({ TableName: this.#table, Key: keyRow(key), ConsistentRead: true })
    return (await this.#calls.make((abortSignal) => this.#client.send(command, { abortSignal }))).Item
  }

  async #getMany(group: readonly WaitingRead[]): Promise<void> {
    const left = new Map(group.map((waiting) => [idOf(waiting.key), waiting]))
    let tries = noTries()
    while (left.size > 0) {
      const Keys = [...left.values()].map(({ key }) => keyRow(key))
      const request = { RequestItems: { [this.#table]: { Keys, ConsistentRead: true } } }
      const answer = await this.#calls.make((abortSignal) =>
        this.#client.send(new BatchGetItemCommand(request), { abortSignal }),
      )
      const unprocessed = new Set(
        (answer.UnprocessedKeys?.[this.#table]?.Keys ?? []).map((key) => idOf(keyOfRow(key))),
      )
      const rows = new Map((answer.Responses?.[this.#table] ?? []).map((row) => [idOf(keyOfRow(row)), row]))
      const progress = unprocessed.size < left.size
      for (const [id, waiting] of left) {
        if (unprocessed.has(id)) continue
        waiting.resolve(rows.get(id))
        left.delete(id)
      }
      if (progress) tries = noTries()
      else if (!(await this.#calls.again(tooMuchAtOnce, tries))) throw tooBusy()
    }
  }
}

function idOf(key: Key): string {
  return `${key.prompt_key}\n${key.version}`
}
