import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb'
import { type Calls, noTries } from './calls.ts'
import { tooBusy, tooMuchAtOnce } from './failures.ts'
import { type Key, keyOfRow, keyRow, type Row, sortsAfter } from './keys.ts'
import { RowReader } from './row-reader.ts'

/** The limits of one DynamoDB call. */
const MOST_PUT = 25

export interface RangeQuery {
  readonly hash: string
  /** Both ends are inclusive. Without them, the whole partition. */
  readonly from?: string
  readonly to?: string
  readonly backwards?: boolean
  /** How many rows the caller expects to need. More are read on demand. */
  readonly expected?: number
  /** Stops after this many pages of at most 1 MB. */
  readonly mostPages?: number
  readonly filter?: { readonly expression: string; readonly values: Row; readonly names?: AttributeNames }
}

type AttributeNames = Record<string, string>

/** Strongly consistent reads of the table, and writes outside transactions. Throws `RegistryError`. */
export class Table {
  readonly name: string
  readonly #client: DynamoDBClient
  readonly #calls: Calls
  readonly #rows: RowReader

  constructor(client: DynamoDBClient, name: string, calls: Calls) {
    this.#client = client
    this.name = name
    this.#calls = calls
    this.#rows = new RowReader(client, name, calls)
  }

  /** Reads one row. Concurrent reads share one call, which reads each row once. */
  get(key: Key): Promise<Row | undefined> {
    return this.#rows.get(key)
  }

  /** The rows of a partition in range order. Reads pages on demand. */
  async *rows(query: RangeQuery): AsyncGenerator<Row> {
    const { from, to, backwards, filter } = query
    if (from !== undefined && to !== undefined && sortsAfter(from, to)) return
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
    let pages = 0
    do {
      const page = await this.#calls.make((abortSignal) =>
        this.#client.send(
          new QueryCommand({
            ...input,
            ...(limit !== undefined && { Limit: limit }),
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
          { abortSignal },
        ),
      )
      yield* page.Items ?? []
      start = page.LastEvaluatedKey
      if (limit !== undefined) limit *= 4
      pages++
    } while (start !== undefined && pages < (query.mostPages ?? Number.POSITIVE_INFINITY))
  }

  /** Keys of all rows that match a filter, page by page. Stops after `mostPages`. */
  async *scan(
    filter: { readonly expression: string; readonly values: Row; readonly names: AttributeNames },
    mostPages = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<{ readonly keys: readonly Key[]; readonly more: boolean }> {
    let start: Row | undefined
    for (let page = 1; page <= mostPages; page++) {
      const found = await this.#calls.make((abortSignal) =>
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
          { abortSignal },
        ),
      )
      start = found.LastEvaluatedKey
      yield { keys: (found.Items ?? []).map(keyOfRow), more: start !== undefined }
      if (start === undefined) return
    }
  }

  /** Writes rows independently. Only for rows that are not visible yet. */
  async put(rows: readonly Row[]): Promise<void> {
    await this.#writeBatches(rows.map((Item) => ({ PutRequest: { Item } })))
  }

  /** Deletes rows independently. Only for rows that are no longer visible. */
  async delete(keys: readonly Key[]): Promise<void> {
    await this.#writeBatches(keys.map((key) => ({ DeleteRequest: { Key: keyRow(key) } })))
  }

  /** Removes an attribute from a row. */
  async strip(key: Key, attribute: string): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.name,
      Key: keyRow(key),
      UpdateExpression: 'REMOVE #attribute',
      ExpressionAttributeNames: { '#attribute': attribute },
    })
    await this.#calls.make((abortSignal) => this.#client.send(command, { abortSignal }))
  }

  async #writeBatches(requests: readonly WriteRequest[]): Promise<void> {
    for (let from = 0; from < requests.length; from += MOST_PUT) {
      let left = requests.slice(from, from + MOST_PUT)
      let tries = noTries()
      while (left.length > 0) {
        const request = { RequestItems: { [this.name]: left } }
        const answer = await this.#calls.make((abortSignal) =>
          this.#client.send(new BatchWriteItemCommand(request), { abortSignal }),
        )
        const unprocessed = answer.UnprocessedItems?.[this.name] ?? []
        const progress = unprocessed.length < left.length
        left = unprocessed
        if (progress) tries = noTries()
        else if (!(await this.#calls.again(tooMuchAtOnce, tries))) throw tooBusy()
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
