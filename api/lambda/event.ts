import { RegistryError } from '../contract/errors.ts'
import type { IncomingRequest } from '../http/request.ts'
import { actorOfVersion1, actorOfVersion2 } from './actor.ts'
import { withoutBasePath } from './base-path.ts'
import { type Fields, record, text } from './fields.ts'

/** An HTTP request that arrived as an event. */
export interface ReceivedRequest {
  readonly request: EventRequest
  /**
   * `<ARN> (claimed)` for the IAM identity that the event names, which a direct invocation can forge. Else
   * `lambda:<entry>`.
   */
  readonly actor: string
}

export interface EventRequest extends IncomingRequest {
  /** By name in lower case. */
  readonly headerFields: ReadonlyMap<string, string>
  /** The body; empty for GET and HEAD. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** An event of any shape as an HTTP request. */
interface EventParts {
  readonly method: string
  readonly path: string
  /** The API Gateway route that matched, such as `/{proxy+}`. */
  readonly route: string | undefined
  /** As in a URL, without the question mark. */
  readonly query: string
  readonly actor: string
}

/**
 * Reads a Function URL event (payload 2.0), an API Gateway proxy event (1.0 or 2.0), or the bare payload of a
 * direct invocation: `{"rawPath": …, "requestContext": {"http": {"method": …, "path": …}}}`, with optional `body`,
 * `headers`, `rawQueryString` or `queryStringParameters`. The path excludes API Gateway's stage and base path;
 * `roots` are the first segments of the existing routes. Throws `invalid_request`.
 */
export function readEvent(event: unknown, roots?: ReadonlySet<string>): ReceivedRequest {
  const fields = record(event)
  const http = record(record(fields.requestContext).http)
  const parts =
    typeof http.method === 'string' ? version2(fields, http, http.method) : version1(fields, fields)
  try {
    const path = withoutBasePath(parts, fields, roots)
    return { request: requestOf({ ...parts, path }, headersOf(fields), bodyOf(fields)), actor: parts.actor }
  } catch (cause) {
    throw new RegistryError(
      'invalid_request',
      'The method, path or headers of the event are not valid in HTTP.',
      { cause },
    )
  }
}

function version2(event: Fields, http: Fields, method: string): EventParts {
  const path = text(event.rawPath) ?? text(http.path)
  if (path === undefined) throw notHttp()
  return {
    method,
    path,
    route: text(event.routeKey)?.replace(/^\S+ /, ''),
    query: text(event.rawQueryString) ?? queryOf(event.queryStringParameters),
    actor: actorOfVersion2(event),
  }
}

function version1(event: Fields, { httpMethod: method, path }: Fields): EventParts {
  if (typeof method !== 'string' || typeof path !== 'string') throw notHttp()
  return {
    method,
    path,
    route: text(event.resource),
    query: queryOf(event.multiValueQueryStringParameters ?? event.queryStringParameters),
    actor: actorOfVersion1(event),
  }
}

function notHttp(): RegistryError {
  return new RegistryError(
    'invalid_request',
    'The event is not an HTTP event; send {"rawPath": "/prompts/<reference>", "requestContext": {"http": {"method": "GET", "path": "/prompts/<reference>"}}}.',
  )
}

function requestOf(
  { method, path, query }: EventParts,
  headers: Map<string, string>,
  body: Uint8Array<ArrayBuffer>,
): EventRequest {
  if (!TOKEN.test(method) || /^(connect|trace|track)$/i.test(method)) throw new TypeError('not a method')
  // API Gateway decodes paths, and a bare payload may contain anything, so only `query` is the query.
  const pathname = path.replaceAll('?', '%3F').replaceAll('#', '%23')
  const search = query === '' ? '' : `?${query.replaceAll('#', '%23')}`
  const { href } = new URL(`https://lambda${pathname.startsWith('/') ? '' : '/'}${pathname}${search}`)
  const bytes = /^(get|head)$/i.test(method) ? new Uint8Array() : body
  if (bytes.byteLength > 0) headers.set('content-length', String(bytes.byteLength))
  return {
    method: method.toUpperCase(),
    url: href,
    headers: {
      get: (name) => headers.get(name) ?? null,
      has: (name) => headers.has(name),
    },
    headerFields: headers,
    bytes,
    body: bytes.byteLength === 0 ? null : oneChunk(bytes),
    arrayBuffer: async () => new Uint8Array(bytes).buffer,
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
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

/** A payload without headers comes from a person or one of our programs, so its body is JSON. */
function headersOf(event: Fields): Map<string, string> {
  const given = event.multiValueHeaders ?? event.headers
  const headers = new Map(given ? [] : [['content-type', 'application/json']])
  for (const [name, value] of Object.entries(record(given))) {
    const all = values(value)
    if (!TOKEN.test(name) || !all.every((one) => FIELD_VALUE.test(one))) throw new TypeError('not a header')
    const before = headers.get(name.toLowerCase())
    if (all.length > 0) headers.set(name.toLowerCase(), [before ?? [], all].flat().join(', ').trim())
  }
  return headers
}

/** Methods and names of headers (RFC 9110, 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
/** Values of headers, one character per byte (RFC 9110, 5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

function values(value: unknown): readonly string[] {
  return [value].flat().filter((one): one is string => typeof one === 'string')
}
