import type { z } from 'zod'
import { type ErrorCode, RegistryError } from '../contract/errors.ts'
import type { RegistryApi } from '../contract/registry-api.ts'
import type { Access } from '../registry/caller.ts'
import { entityTag } from '../registry/entity-tag.ts'
import { answer, conditionalHeaders, REQUEST_ID, type RegistryAnswer, unchangedHeaders } from './answer.ts'
import { readJsonBody } from './body.ts'
import type { RequestKind } from './error-table.ts'
import { matchesEntityTag } from './etag.ts'
import type { KeepAnswer, StateOfPrompt } from './finished-answers.ts'
import type { RoutedRequest } from './request.ts'
import { validate } from './validate.ts'

type Method = 'get' | 'post' | 'put' | 'delete'
type Nothing = Record<never, never>

/** The schemas of all routes. */
export type Schemas = typeof import('./routes/schemas.ts')

/** The schemas of one route: they validate its requests, and describe it in `/openapi.json`. */
export interface RouteSchemas {
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  readonly answer: z.ZodType
}

type OutputOf<S extends RouteSchemas, K extends keyof RouteSchemas> = S extends {
  readonly [key in K]: infer T extends z.ZodType
}
  ? z.output<T>
  : Nothing

/** The parsed input of a route. */
export interface RouteInput<S extends RouteSchemas> {
  readonly params: OutputOf<S, 'params'>
  readonly query: OutputOf<S, 'query'>
  readonly body: OutputOf<S, 'body'>
}

interface RouteCall<S extends RouteSchemas> extends RouteInput<S> {
  /** The registry, bound to the caller. */
  readonly api: RegistryApi
}

/** The parts of a route that have no types of their own. */
interface RouteHead {
  readonly method: Method
  /** In OpenAPI notation: `/prompts/{id}/versions`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The access that a caller needs; `open` requires no credentials. */
  readonly access: Access | 'open'
  /**
   * Parameters of the path and the query that may be any text. A GET with no others is not validated, and the schemas are
   * not loaded for it. Default: every request is validated.
   */
  readonly anyText?: readonly string[]
  /** Error codes specific to this operation. The document adds those common to all routes. */
  readonly errors: readonly ErrorCode[]
  /** Responses have an `ETag`, and `If-None-Match` is supported. */
  readonly conditional?: boolean
  /** Parts of a request fail on their own, with their errors in the response. */
  readonly inParts?: boolean
  /** The versions that its responses have are counted as reads. */
  readonly countsReads?: boolean
}

export interface RouteDefinition<S extends RouteSchemas> extends RouteHead {
  /** Chooses among the schemas of all routes, which are loaded on demand. */
  schemas(all: Schemas): S
  /** The entity tag of a response without its quotes. Default: the hash of the response. */
  tagOf?(value: OutputOf<S, 'answer'>): string
  /** The prompt on which a conditional response depends, if on nothing else. Default: it may depend on anything. */
  dependsOn?(value: OutputOf<S, 'answer'>): StateOfPrompt | undefined
  /** If set, a response is 201 when this returns true, else 200. */
  isCreated?(value: OutputOf<S, 'answer'>, body: OutputOf<S, 'body'>): boolean
  run(call: RouteCall<S>): Promise<OutputOf<S, 'answer'>>
}

/** The input of a route, before it is validated. */
export interface GivenInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, readonly string[]>>
  /** Parsed JSON, or values like it. */
  readonly body?: unknown
}

/** A route with its types erased. The app needs only `respond`; the rest is for the OpenAPI document. */
export interface Route extends RouteHead {
  readonly kind: RequestKind
  readonly creates: boolean
  schemas(all: Schemas): RouteSchemas
  /** Runs the operation, without HTTP. The result is the document that a response has as JSON. */
  call(api: RegistryApi, input: GivenInput): Promise<unknown>
  /** `keep` receives the response of a conditional route. */
  respond(
    request: RoutedRequest,
    api: RegistryApi,
    requestId: string,
    keep?: KeepAnswer,
  ): Promise<RegistryAnswer>
}

export function route<S extends RouteSchemas>(definition: RouteDefinition<S>): Route {
  const { run, isCreated, tagOf, dependsOn, ...rest } = definition
  return {
    ...rest,
    kind: definition.access === 'read' || definition.access === 'open' ? 'read' : 'write',
    creates: isCreated !== undefined,
    async call(api, { body, ...head }) {
      return await run({ api, ...(await parsedInput(definition, head, () => body)) })
    },
    async respond(request, api, requestId, keep) {
      const input = plainInput(definition, request) ?? (await requestInput(definition, request))
      const value = await run({ ...input, api })
      const text = JSON.stringify(value)
      if (definition.conditional) {
        const etag = tagOf ? `"${tagOf(value)}"` : entityTag(text)
        keep?.(text, etag, dependsOn?.(value))
        return conditionalAnswer(request, text, etag, requestId)
      }
      return answer(isCreated?.(value, input.body) ? 201 : 200, text, requestId)
    },
  }
}

/** The input of a request that needs no validation; undefined for any other. */
function plainInput<S extends RouteSchemas>(
  { method, anyText }: RouteDefinition<S>,
  request: RoutedRequest,
): RouteInput<S> | undefined {
  if (method !== 'get' || anyText === undefined) return undefined
  const params = request.param()
  const query: Record<string, string> = {}
  for (const [name, [value, ...more]] of Object.entries(request.queries())) {
    if (value === undefined || more.length > 0 || !anyText.includes(name)) return undefined
    query[name] = value
  }
  if (!Object.keys(params).every((name) => anyText.includes(name))) return undefined
  return { params, query, body: {} } as unknown as RouteInput<S>
}

let loading: Promise<Schemas> | undefined

async function requestInput<S extends RouteSchemas>(
  definition: RouteDefinition<S>,
  request: RoutedRequest,
): Promise<RouteInput<S>> {
  const head = { params: request.param(), query: request.queries() }
  return await parsedInput(definition, head, () => readJsonBody(request.raw))
}

/** `readBody` is called only if the route takes a body. */
async function parsedInput<S extends RouteSchemas>(
  { schemas }: RouteDefinition<S>,
  given: Pick<GivenInput, 'params' | 'query'>,
  readBody: () => unknown,
): Promise<RouteInput<S>> {
  loading ??= import('./routes/schemas.ts')
  const { params, query, body } = schemas(await loading)
  return {
    params: parsed(params, given.params),
    query: parsed(query, readQuery(query, given.query)),
    body: parsed(body, body && (await readBody())),
  } as RouteInput<S>
}

/**
 * Parses the query of a request. Refuses unknown and repeated parameters, because a misspelt `version` would
 * otherwise return the wrong one. Throws `invalid_request`.
 */
function readQuery(schema: z.ZodObject | undefined, given: GivenInput['query'] = {}): Record<string, string> {
  const known = Object.keys(schema?.shape ?? {})
  const query: Record<string, string> = {}
  for (const [name, values] of Object.entries(given)) {
    if (!known.includes(name)) throw unknownParameter(name, known)
    if (values.length > 1) throw repeatedParameter(name, values.length)
    query[name] = values[0] ?? ''
  }
  return query
}

function unknownParameter(name: string, known: readonly string[]): RegistryError {
  const takes = known.length === 0 ? 'takes none' : `takes ${known.join(', ')}`
  return new RegistryError(
    'invalid_request',
    `The query parameter "${name.slice(0, MOST_SHOWN)}" is unknown; this route ${takes}.`,
  )
}

function repeatedParameter(name: string, count: number): RegistryError {
  return new RegistryError(
    'invalid_request',
    `The query parameter "${name.slice(0, MOST_SHOWN)}" occurs ${count} times; send it once.`,
  )
}

const MOST_SHOWN = 100

function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema === undefined ? {} : validate(schema, value)
}

function conditionalAnswer(
  { raw }: RoutedRequest,
  text: string,
  etag: string,
  requestId: string,
): RegistryAnswer {
  const id = { [REQUEST_ID]: requestId }
  if (matchesEntityTag(raw.headers.get('if-none-match'), etag))
    return { status: 304, headers: { ...unchangedHeaders(etag), ...id }, text: null }
  return { status: 200, headers: { ...conditionalHeaders(etag), ...id }, text }
}
