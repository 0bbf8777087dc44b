import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A permission that a request needed, as IAM names it. */
export interface NeededPermission {
  /** The access key that signed the request, by which callers are told apart. */
  readonly accessKeyId: string
  /** Such as `dynamodb:GetItem`. */
  readonly action: string
  /** ARN of what it is about. */
  readonly resource: string
}

export interface Recorder {
  readonly url: string
  /** What was needed so far, in order. */
  readonly needed: readonly NeededPermission[]
  close(): Promise<void>
}

export const ACCOUNT = '123456789012'

/**
 * Passes requests on to AWS, or to what stands for it, and notes which permissions AWS would have asked for. Throws
 * away nothing: a request of which it does not know what it needs is noted as `unknown:<method> <path>`. Of several
 * targets each gets the request, one after the other, and the last one's answer counts.
 */
export async function startRecorder(
  targetsOf: (method: string, path: string) => readonly string[],
  region: string,
): Promise<Recorder> {
  const needed: NeededPermission[] = []
  const server = createServer((incoming, outgoing) => {
    const pass = async () => {
      const body = await buffer(incoming)
      needed.push(...permissionsOf(incoming, body, region))
      const [path = ''] = (incoming.url ?? '').split('?')
      const targets = targetsOf(incoming.method ?? 'GET', path)
      for (const target of targets.slice(0, -1)) (await forward(target, incoming, body)).resume()
      const answer = await forward(targets.at(-1) ?? '', incoming, body)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    }
    pass().catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    needed,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method = 'GET', url, headers } = incoming
  const { 'transfer-encoding': _, ...kept } = headers
  const sized = body.length > 0 ? { ...kept, 'content-length': String(body.length) } : kept
  return new Promise((resolve, reject) => {
    request(new URL(url ?? '/', target), { method, headers: sized }, resolve)
      .once('error', reject)
      .end(body)
  })
}

function permissionsOf(incoming: IncomingMessage, body: Buffer, region: string): NeededPermission[] {
  const { headers, method = '', url = '' } = incoming
  // An address that AWS signed itself, as that of a package.
  if (headers.authorization === undefined) return []
  const [, accessKeyId = '', service = ''] =
    /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  const path = decodeURIComponent(url.split('?')[0] ?? '')
  const target = String(headers['x-amz-target'] ?? '').split('.')[1]
  const permissions =
    service === 'dynamodb' && target !== undefined
      ? ofDynamoDb(target, JSON.parse(body.toString('utf8')), region)
      : service === 's3'
        ? ofS3(method, path)
        : service === 'lambda'
          ? ofLambda(method, path, new URLSearchParams(url.split('?')[1]).get('Qualifier'), region)
          : service === 'secretsmanager' || service === 'ssm'
            ? ofSecrets(service, target ?? '', JSON.parse(body.toString('utf8')))
            : []
  const known = permissions.length > 0 ? permissions : [{ action: `unknown:${method} ${path}`, resource: '' }]
  return known.map((permission) => ({ accessKeyId, ...permission }))
}

type Permission = Omit<NeededPermission, 'accessKeyId'>

interface DynamoDbRequest {
  readonly TableName?: string
  readonly RequestItems?: Readonly<Record<string, unknown>>
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[]
}

/** What IAM asks for a transaction is the permission of each thing in it; a batch has a permission of its own. */
const IN_A_TRANSACTION: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
}

function ofDynamoDb(target: string, asked: DynamoDbRequest, region: string): Permission[] {
  const on = (action: string, table: string): Permission => ({
    action: `dynamodb:${action}`,
    resource: `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`,
  })
  if (asked.TransactItems !== undefined) {
    return asked.TransactItems.flatMap((item) =>
      Object.entries(item).map(([kind, { TableName }]) => on(IN_A_TRANSACTION[kind] ?? kind, TableName)),
    )
  }
  const tables = asked.TableName === undefined ? Object.keys(asked.RequestItems ?? {}) : [asked.TableName]
  return tables.map((table) => on(target, table))
}

const S3_OBJECT: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'GetObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
}
const S3_BUCKET: Readonly<Record<string, string>> = { GET: 'ListBucket', HEAD: 'ListBucket' }

/** With the bucket in the path. */
function ofS3(method: string, path: string): Permission[] {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? []
  const action = (key === '' ? S3_BUCKET : S3_OBJECT)[method]
  if (action === undefined) return []
  return [{ action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}` }]
}

const LAMBDA: Readonly<Record<string, string>> = {
  'PUT code': 'UpdateFunctionCode',
  'GET configuration': 'GetFunctionConfiguration',
  'GET ': 'GetFunction',
  'POST invocations': 'InvokeFunction',
}

function ofLambda(method: string, path: string, qualifier: string | null, region: string): Permission[] {
  const [, name = '', what = ''] = /^\/[0-9-]+\/functions\/([^/]+)\/?([^/]*)$/.exec(path) ?? []
  const action = LAMBDA[`${method} ${what}`]
  if (action === undefined) return []
  const arn = name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`
  return [{ action: `lambda:${action}`, resource: qualifier === null ? arn : `${arn}:${qualifier}` }]
}

/** Both are asked by ARN. */
function ofSecrets(
  service: string,
  target: string,
  asked: { SecretId?: string; Name?: string },
): Permission[] {
  return [{ action: `${service}:${target}`, resource: asked.SecretId ?? asked.Name ?? '' }]
}
