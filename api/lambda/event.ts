import { RegistryError } from '../contract/errors.ts'

/** An HTTP request that came as an event, and who sent it. */
export interface ReceivedRequest {
  readonly request: Request
  /** The IAM identity that AWS vouches for, or `lambda:<way in>` where the event has none. */
  readonly actor: string
}

type Fields = Readonly<Record<string, unknown>>

/** An event, whatever its shape, in the words of HTTP. */
interface Parts {
  readonly method: string
  readonly path: string
  /** As in a URL, without the question mark. */
  readonly query: string
  readonly actor: string
}

/**
 * Reads a Function URL event (payload 2.0), an API Gateway proxy event (1.0), or the bare payload of a direct
 * invocation: `{"rawPath": …, "requestContext": {"http": {"method": …, "path": …}}}`, with `body`, `headers`,
 * `rawQueryString` or `queryStringParameters` where they are needed. Throws `invalid_request`.
 */
export function readEvent(event: unknown): ReceivedRequest {
  const fields = record(event)
  const http = record(record(fields.requestContext).http)
  const parts =
    typeof http.method === 'string' ? version2(fields, http, http.method) : version1(fields, fields)
  try {
    return { request: requestOf(parts, headersOf(fields), bodyOf(fields)), actor: parts.actor }
  } catch (cause) {
    throw new RegistryError(
      'invalid_request',
      'The method, path or headers of the event are not those of an HTTP request.',
      { cause },
    )
  }
}

function version2(event: Fields, http: Fields, method: string): Parts {
  const path = text(event.rawPath) ?? text(http.path)
  if (path === undefined) throw notHttp()
  return {
    method,
    path,
    query: text(event.rawQueryString) ?? queryOf(event.queryStringParameters),
    actor: actorOfVersion2(event),
  }
}

function version1(event: Fields, { httpMethod: method, path }: Fields): Parts {
  if (typeof method !== 'string' || typeof path !== 'string') throw notHttp()
  const { userArn } = record(record(event.requestContext).identity)
  return {
    method,
    path,
    query: queryOf(event.multiValueQueryStringParameters ?? event.queryStringParameters),
    actor: text(userArn) ?? 'lambda:api-gateway',
  }
}

/** AWS does not tell a function who invokes it directly; only what comes through a URL has a domain. */
function actorOfVersion2(event: Fields): string {
  const context = record(event.requestContext)
  const { userArn } = record(record(context.authorizer).iam)
  const wayIn = context.domainName === undefined ? 'lambda:direct-invoke' : 'lambda:function-url'
  return text(userArn) ?? wayIn
}

function notHttp(): RegistryError {
  return new RegistryError(
    'invalid_request',
    'This is no HTTP event; send {"rawPath": "/prompts/<reference>", "requestContext": {"http": {"method": "GET", "path": "/prompts/<reference>"}}}.',
  )
}

function requestOf({ method, path, query }: Parts, headers: Headers, body: Uint8Array<ArrayBuffer>): Request {
  // API Gateway decodes paths, and a bare payload may hold anything: only `query` is a query.
  const pathname = path.replaceAll('?', '%3F').replaceAll('#', '%23')
  const search = query === '' ? '' : `?${query.replaceAll('#', '%23')}`
  const url = `https://lambda${pathname.startsWith('/') ? '' : '/'}${pathname}${search}`
  if (body.byteLength === 0 || /^(get|head)$/i.test(method)) return new Request(url, { method, headers })
  headers.set('content-length', String(body.byteLength))
  return new Request(url, { method, headers, body })
}

function bodyOf({ body, isBase64Encoded }: Fields): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8')
  return Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body))
}

function queryOf(parameters: unknown): string {
  const pairs = Object.entries(record(parameters)).flatMap(([name, value]) =>
    values(value).map((one): [string, string] => [name, one]),
  )
  return new URLSearchParams(pairs).toString()
}

/** A payload without any headers is made by hand or by a program of ours; its body is JSON. */
function headersOf(event: Fields): Headers {
  const given = event.multiValueHeaders ?? event.headers
  const headers = new Headers(given ? {} : { 'content-type': 'application/json' })
  for (const [name, value] of Object.entries(record(given))) {
    for (const one of values(value)) headers.append(name, one)
  }
  return headers
}

function values(value: unknown): readonly string[] {
  return [value].flat().filter((one): one is string => typeof one === 'string')
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
