import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Moto } from './moto.ts'

/** One request to AWS, as seen by the proxy. */
export interface AwsCall {
  readonly service: 'dynamodb' | 's3'
  /** `GetItem`, `TransactWriteItems`, `PutObject`, … */
  readonly action: string
  /** The number of rows in the request. */
  readonly items: number
  /** Bytes of the response body. */
  readonly bytes: number
  /** Status of the response; 0 if it was not sent. */
  readonly status: number
  /** The object of an S3 call. */
  readonly key: string
}

/**
 * - `break`: the request never arrives.
 * - `drop`: the request is carried out, but its response is lost.
 * - `throttle`: refused temporarily, as by a busy DynamoDB or S3.
 * - `conflict`: another transaction is using the same rows.
 * - `fail`: an internal error of the service.
 * - `hang`: the request arrives, and no response follows.
 * - `delay`: the request is carried out, and the response arrives after `delayMs`.
 * - `cut`: the request is carried out, and half of the response arrives.
 */
export type Fault = 'break' | 'drop' | 'throttle' | 'conflict' | 'fail' | 'hang' | 'delay' | 'cut'

export interface AwsProxy {
  readonly url: string
  /** Requests since the last `reset`. */
  readonly calls: readonly AwsCall[]
  reset(): void
  /** Called before each request, with its number since the last `reset`, from 0. */
  fault:
    | ((call: Pick<AwsCall, 'service' | 'action' | 'items' | 'key'>, number: number) => Fault | undefined)
    | null
  /** Responds with the smallest pages that AWS may return: two rows per query, two keys per batch. */
  stingy: boolean
  delayMs: number
  /** The number of requests that hang or are delayed. */
  readonly waiting: number
  /** Called after `waiting` changed. */
  onWait: (() => void) | null
  /** Requests to S3 wait until this many have arrived at the same time; after that, none waits. */
  gather: number
  close(): Promise<void>
}

/** A proxy in front of the emulator: serializes DynamoDB requests, counts, and injects faults. */
export async function startProxy(moto: Moto): Promise<AwsProxy> {
  const calls: AwsCall[] = []
  let asked = 0
  const gathered: (() => void)[] = []
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy())
  })
  // A client without retries must not hit a connection that was just closed as idle.
  server.keepAliveTimeout = 0
  const proxy: AwsProxy = {
    url: '',
    calls,
    reset() {
      calls.length = 0
      asked = 0
    },
    fault: null,
    stingy: false,
    delayMs: 0,
    waiting: 0,
    onWait: null,
    gather: 0,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming)
    const call = describeCall(incoming, body)
    const fault = proxy.fault?.(call, asked++)
    if (fault === 'break') return void outgoing.destroy()
    if (fault === 'hang') return await waiting(once(outgoing, 'close'))
    if (fault === 'throttle' || fault === 'conflict' || fault === 'fail') {
      calls.push({ ...call, bytes: 0, status: fault === 'fail' ? 500 : 400 })
      return refuse(call, fault, outgoing)
    }
    if (call.service === 's3' && proxy.gather > 0) await gathering()
    const run = () => forward(moto.port, incoming, body, call, proxy.stingy)
    const answer = await (call.service === 'dynamodb' ? moto.alone(run) : run())
    calls.push({ ...call, bytes: answer.body.length, status: fault === 'drop' ? 0 : answer.status })
    if (fault === 'drop') return void outgoing.destroy()
    if (fault === 'delay') await waiting(new Promise((resolve) => setTimeout(resolve, proxy.delayMs)))
    if (fault === 'cut') return cutShort(answer, outgoing)
    outgoing.writeHead(answer.status, answer.headers)
    outgoing.end(answer.body)
  }

  async function waiting(end: Promise<unknown>): Promise<void> {
    const add = (some: number) => {
      Object.assign(proxy, { waiting: proxy.waiting + some })
      proxy.onWait?.()
    }
    add(1)
    await end
    add(-1)
  }

  async function gathering(): Promise<void> {
    const all = new Promise<void>((resolve) => gathered.push(resolve))
    if (gathered.length >= proxy.gather) {
      proxy.gather = 0
      for (const goOn of gathered.splice(0)) goOn()
    }
    await all
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

type Described = Pick<AwsCall, 'service' | 'action' | 'items' | 'key'>

function describeCall({ headers, method, url }: IncomingMessage, body: Buffer): Described {
  const target = headers['x-amz-target']
  if (typeof target === 'string') {
    const action = target.slice(target.indexOf('.') + 1)
    return { service: 'dynamodb', action, items: itemsOf(JSON.parse(body.toString('utf8'))), key: '' }
  }
  const [, bucket = '', key = ''] = /^\/([^/?]*)\/?([^?]*)/.exec(url ?? '') ?? []
  const kind = key === '' ? 'Bucket' : 'Object'
  const verb = { GET: 'Get', PUT: 'Put', HEAD: 'Head', DELETE: 'Delete' }[method ?? ''] ?? method
  return {
    service: 's3',
    action: `${verb}${kind}`,
    items: bucket === '' ? 0 : 1,
    key: decodeURIComponent(key),
  }
}

interface DynamoRequest {
  readonly TransactItems?: readonly unknown[]
  readonly RequestItems?: Record<string, { Keys?: unknown[] } | unknown[]>
  readonly Limit?: number
}

function itemsOf({ TransactItems, RequestItems }: DynamoRequest): number {
  if (TransactItems !== undefined) return TransactItems.length
  const [requested] = Object.values(RequestItems ?? {})
  if (requested === undefined) return 1
  return Array.isArray(requested) ? requested.length : (requested.Keys?.length ?? 0)
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}

async function forward(
  port: number,
  incoming: IncomingMessage,
  body: Buffer,
  { service, action }: Described,
  stingy: boolean,
): Promise<Answer> {
  const few = stingy && service === 'dynamodb' ? smallest(action, body) : undefined
  const answer = await send(port, incoming, few?.body ?? body)
  return few === undefined || answer.status !== 200 ? answer : { ...answer, ...few.merged(answer) }
}

function send(port: number, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length =
      body.length > 0 || headers['content-length'] !== undefined ? { 'content-length': body.length } : {}
    const { 'transfer-encoding': _, ...rest } = headers
    const options = { host: '127.0.0.1', port, method, path: url, headers: { ...rest, ...length } }
    const outgoing = request(options, async (answer) => {
      const { 'transfer-encoding': _chunked, connection: _connection, ...kept } = answer.headers
      const received = await bodyOf(answer)
      resolve({ status: answer.statusCode ?? 500, headers: kept, body: received })
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

const FEW = 2

/** The request with fewer items, and its response completed as AWS does. */
function smallest(action: string, body: Buffer) {
  const asked = JSON.parse(body.toString('utf8') || '{}') as DynamoRequest
  if (action === 'Query' || action === 'Scan') {
    const limited = { ...asked, Limit: Math.min(asked.Limit ?? FEW, FEW) }
    return { body: Buffer.from(JSON.stringify(limited)), merged: () => ({}) }
  }
  const [entry] = Object.entries(asked.RequestItems ?? {})
  if (entry === undefined) return undefined
  const [table, requested] = entry
  const all = Array.isArray(requested) ? requested : (requested.Keys ?? [])
  const [now, later] = [all.slice(0, FEW), all.slice(FEW)]
  const part = (some: unknown[]) => (Array.isArray(requested) ? some : { ...requested, Keys: some })
  const left = Array.isArray(requested) ? 'UnprocessedItems' : 'UnprocessedKeys'
  return {
    body: Buffer.from(JSON.stringify({ ...asked, RequestItems: { [table]: part(now) } })),
    merged: ({ headers, body: answered }: Answer) => {
      if (later.length === 0) return {}
      const whole = { ...JSON.parse(answered.toString('utf8')), [left]: { [table]: part(later) } }
      const { 'x-amz-crc32': _, 'content-length': _length, ...kept } = headers
      return { headers: kept, body: Buffer.from(JSON.stringify(whole)) }
    },
  }
}

function cutShort({ status, headers, body }: Answer, outgoing: ServerResponse): void {
  outgoing.writeHead(status, headers)
  outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy())
}

function refuse(
  { service, items }: Described,
  fault: 'throttle' | 'conflict' | 'fail',
  outgoing: ServerResponse,
): void {
  if (fault === 'fail') {
    const isDynamoDb = service === 'dynamodb'
    outgoing.writeHead(500, { 'content-type': isDynamoDb ? 'application/x-amz-json-1.0' : 'application/xml' })
    outgoing.end(
      isDynamoDb ? '{"__type":"InternalServerError"}' : '<Error><Code>InternalError</Code></Error>',
    )
    return
  }
  if (service === 'dynamodb') {
    const type = 'com.amazonaws.dynamodb.v20120810#'
    const throttled = {
      __type: `${type}ProvisionedThroughputExceededException`,
      message: 'too many requests',
    }
    const reasons = Array.from({ length: items }, (_, index) => ({
      Code: index === 0 ? 'TransactionConflict' : 'None',
    }))
    const cancelled = {
      __type: `${type}TransactionCanceledException`,
      Message: 'conflict',
      CancellationReasons: reasons,
    }
    outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
    outgoing.end(JSON.stringify(fault === 'throttle' ? throttled : cancelled))
    return
  }
  outgoing.writeHead(503, { 'content-type': 'application/xml' })
  outgoing.end('<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>')
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(message as AsyncIterable<Buffer>))
}
