import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { backOff, retrying, tooBusy } from './failures.ts'
import { type Key, keyOfRow, keyRow, type Row } from './keys.ts'

/** What DynamoDB gives at most in one call. */
const MOST_GOT = 100

interface Waiting {
  readonly key: Key
  readonly promise: Promise<Row | undefined>
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Reads rows one by one for its callers, and together from the table. Strongly consistent. Throws `RegistryError`. */
export class RowReader {
  readonly #client: DynamoDBClient
  readonly #table: string
  readonly #random: () => number
  #waiting = new Map<string, Waiting>()

  constructor(client: DynamoDBClient, table: string, random: () => number) {
    this.#client = client
    this.#table = table
    this.#random = random
  }

  /** Rows that are asked for at the same time are read in one call, and each of them once. */
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

  async #read(group: readonly Waiting[]): Promise<void> {
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
    return (await retrying(this.#random, () => this.#client.send(command))).Item
  }

  async #getMany(group: readonly Waiting[]): Promise<void> {
    const left = new Map(group.map((waiting) => [idOf(waiting.key), waiting]))
    for (let attempt = 1; left.size > 0; attempt++) {
      const Keys = [...left.values()].map(({ key }) => keyRow(key))
      const request = { RequestItems: { [this.#table]: { Keys, ConsistentRead: true } } }
      const answer = await retrying(this.#random, () => this.#client.send(new BatchGetItemCommand(request)))
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
      if (progress) attempt = 0
      else if (!(await backOff(this.#random, attempt))) throw tooBusy()
    }
  }
}

function idOf(key: Key): string {
  return `${key.prompt_key}\n${key.version}`
}
