import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import { backOff, retrying, tooBusy } from './failures.ts'
import { type Key, keyOfRow, type Row } from './keys.ts'
import { RowReader } from './row-reader.ts'

/** What DynamoDB takes at most in one call. */
const MOST_PUT = 25

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

/** Strongly consistent reads of the table, and writes that need no transaction. Throws `RegistryError`. */
export class Table {
  readonly name: string
  readonly #client: DynamoDBClient
  readonly #random: () => number
  readonly #rows: RowReader

  constructor(client: DynamoDBClient, name: string, random: () => number) {
    this.#client = client
    this.name = name
    this.#random = random
    this.#rows = new RowReader(client, name, random)
  }

  /** One row. Rows that are asked for at the same time are read in one call, and each of them once. */
  get(key: Key): Promise<Row | undefined> {
    return this.#rows.get(key)
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
    for (let from = 0; from < rows.length; from += MOST_PUT) {
      let left = rows.slice(from, from + MOST_PUT).map((Item) => ({ PutRequest: { Item } }))
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
}

function rangeCondition({ from, to }: RangeQuery): string {
  if (from !== undefined && to !== undefined) return '#hash = :hash AND #range BETWEEN :from AND :to'
  if (from !== undefined) return '#hash = :hash AND #range >= :from'
  if (to !== undefined) return '#hash = :hash AND #range <= :to'
  return '#hash = :hash'
}
