import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { RegistryError } from '../../contract/errors.ts'
import { backOff, retrying } from './failures.ts'
import type { Key, Row } from './keys.ts'

/** What DynamoDB takes at most in one call. */
const MOST = { got: 100, put: 25 }

export interface RangeQuery {
  readonly hash: string
  /** Both ends count. Without them it is the whole partition. */
  readonly from?: string
  readonly to?: string
  readonly backwards?: boolean
  /** How many rows the caller expects to need; more are read when it goes on. */
  readonly expected?: number
  readonly filter?: { readonly expression: string; readonly values: Row; readonly names?: Names }
}

type Names = Record<string, string>

interface Waiting {
  readonly key: Key
  readonly promise: Promise<Row | undefined>
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Strongly consistent reads of the table, and writes that need no transaction. Throws `RegistryError`. */
export class Table {
  readonly name: string
  readonly #client: DynamoDBClient
  readonly #random: () => number
  #waiting = new Map<string, Waiting>()

  constructor(client: DynamoDBClient, name: string, random: () => number) {
    this.#client = client
    this.name = name
    this.#random = random
  }

  /** One row. Rows that are asked for at the same time are read in one call, and each of them once. */
  get(key: Key): Promise<Row | undefined> {
    const id = `${key.prompt_key}\n${key.version}`
    const asked = this.#waiting.get(id)
    if (asked !== undefined) return asked.promise
    if (this.#waiting.size === 0) setImmediate(() => this.#dispatch())
    const waiting = { key, ...Promise.withResolvers<Row | undefined>() }
    this.#waiting.set(id, waiting)
    return waiting.promise
  }

  /** The rows of a partition in the order of their ranges. Reads on while the caller does. */
  async *rows(query: RangeQuery): AsyncGenerator<Row> {
    const { from, to, backwards, filter } = query
    if (from !== undefined && to !== undefined && from > to) return
    const input: QueryCommandInput = {
      TableName: this.name,
      ConsistentRead: true,
      ScanIndexForward: backwards !== true,
      KeyConditionExpression: rangeCondition(query),
      ExpressionAttributeNames: {
        '#hash': 'prompt_key',
        ...((from !== undefined || to !== undefined) && { '#range': 'version' }),
        ...filter?.names,
      },
      ExpressionAttributeValues: {
        ':hash': { S: query.hash },
        ...(from !== undefined && { ':from': { S: from } }),
        ...(to !== undefined && { ':to': { S: to } }),
        ...filter?.values,
      },
      ...(filter !== undefined && { FilterExpression: filter.expression }),
    }
    let limit = filter === undefined ? query.expected : undefined
    let start: Row | undefined
    do {
      const page = await retrying(this.#random, () =>
        this.#client.send(
          new QueryCommand({
            ...input,
            ...(limit !== undefined && { Limit: limit }),
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        ),
      )
      yield* page.Items ?? []
      start = page.LastEvaluatedKey
      if (limit !== undefined) limit *= 4
    } while (start !== undefined)
  }

  /** Keys of all rows that a filter lets through, page by page; ends after `mostPages`. */
  async *scan(
    filter: { readonly expression: string; readonly values: Row; readonly names: Names },
    mostPages = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<{ readonly keys: readonly Key[]; readonly more: boolean }> {
    let start: Row | undefined
    for (let page = 1; page <= mostPages; page++) {
      const found = await retrying(this.#random, () =>
        this.#client.send(
          new ScanCommand({
            TableName: this.name,
            ConsistentRead: true,
            FilterExpression: filter.expression,
            ProjectionExpression: '#hash, #range',
            ExpressionAttributeNames: { '#hash': 'prompt_key', '#range': 'version', ...filter.names },
            ExpressionAttributeValues: filter.values,
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        ),
      )
      start = found.LastEvaluatedKey
      yield { keys: (found.Items ?? []).map(keyOfRow), more: start !== undefined }
      if (start === undefined) return
    }
  }

  /** Puts rows, each on its own: for rows that nobody sees yet. */
  async put(rows: readonly Row[]): Promise<void> {
    for (let from = 0; from < rows.length; from += MOST.put) {
      let left = rows.slice(from, from + MOST.put).map((Item) => ({ PutRequest: { Item } }))
      for (let attempt = 1; left.length > 0; attempt++) {
        const request = { RequestItems: { [this.name]: left } }
        const answer = await retrying(this.#random, () =>
          this.#client.send(new BatchWriteItemCommand(request)),
        )
        const unprocessed = (answer.UnprocessedItems?.[this.name] ?? []) as typeof left
        if (unprocessed.length < left.length) attempt = 0
        left = unprocessed
        if (left.length > 0 && attempt > 0 && !(await backOff(this.#random, attempt))) throw tooBusy()
      }
    }
  }

  #dispatch(): void {
    const all = [...this.#waiting.values()]
    this.#waiting = new Map()
    for (let from = 0; from < all.length; from += MOST.got) void this.#read(all.slice(from, from + MOST.got))
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
    const command = new GetItemCommand({ TableName: this.name, Key: keyRow(key), ConsistentRead: true })
    return (await retrying(this.#random, () => this.#client.send(command))).Item
  }

  async #getMany(group: readonly Waiting[]): Promise<void> {
    const left = new Map(group.map((waiting) => [idOf(waiting.key), waiting]))
    for (let attempt = 1; left.size > 0; attempt++) {
      const Keys = [...left.values()].map(({ key }) => keyRow(key))
      const request = { RequestItems: { [this.name]: { Keys, ConsistentRead: true } } }
      const answer = await retrying(this.#random, () => this.#client.send(new BatchGetItemCommand(request)))
      const unprocessed = new Set(
        (answer.UnprocessedKeys?.[this.name]?.Keys ?? []).map((key) => idOf(keyOfRow(key))),
      )
      const rows = new Map((answer.Responses?.[this.name] ?? []).map((row) => [idOf(keyOfRow(row)), row]))
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

function rangeCondition({ from, to }: RangeQuery): string {
  if (from !== undefined && to !== undefined) return '#hash = :hash AND #range BETWEEN :from AND :to'
  if (from !== undefined) return '#hash = :hash AND #range >= :from'
  if (to !== undefined) return '#hash = :hash AND #range <= :to'
  return '#hash = :hash'
}

function tooBusy(): RegistryError {
  return new RegistryError('busy', 'The registry is busy; try again in a moment.')
}

export function keyRow(key: Key): Row {
  return { prompt_key: { S: key.prompt_key }, version: { S: key.version } }
}

function keyOfRow(row: Row): Key {
  return { prompt_key: text(row.prompt_key) ?? '', version: text(row.version) ?? '' }
}

function idOf(key: Key): string {
  return `${key.prompt_key}\n${key.version}`
}

/** A string attribute; `undefined` where it is absent or something else. */
export function text(value: AttributeValue | undefined): string | undefined {
  return typeof value?.S === 'string' ? value.S : undefined
}
