import type { Context } from 'hono'
import type { z } from 'zod'
import { type ErrorCode, type RegistryApi, RegistryError } from '../contract/index.ts'
import type { Access } from '../registry/caller.ts'
import { entityTag } from '../registry/entity-tag.ts'
import { answer, conditionalHeaders, REQUEST_ID, unchangedHeaders } from './answer.ts'
import { readJsonBody } from './body.ts'
import type { RequestKind } from './error-table.ts'
import { matchesEntityTag } from './etag.ts'
import type { KeepAnswer, StateOfPrompt } from './finished-answers.ts'
import { validate } from './validate.ts'

type Method = 'get' | 'post' | 'put' | 'delete'
type Nothing = Record<never, never>
type OutputOf<S> = S extends z.ZodType ? z.output<S> : Nothing

/** The parsed input of a route. */
export interface RouteCall<P, Q, B> {
  /** The registry, bound to the caller. */
  readonly api: RegistryApi
  readonly params: P
  readonly query: Q
  readonly body: B
}

/** Defines a route once: the same schemas validate requests and appear in `/openapi.json`. */
export interface RouteDefinition<P, Q, B, A extends z.ZodType> {
  readonly method: Method
  /** In OpenAPI notation: `/prompts/{id}/versions`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The access that a caller needs; `open` requires no credentials. */
  readonly access: Access | 'open'
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: A
  /** Error codes specific to this operation. The document adds those common to all routes. */
  readonly errors: readonly ErrorCode[]
  /** Responses have an `ETag`, and `If-None-Match` is supported. */
  readonly conditional?: boolean
  /** The entity tag of a response without its quotes. Default: the hash of the response. */
  tagOf?(value: z.output<A>): string
  /** The prompt on which a conditional response depends, if on nothing else. Default: it may depend on anything. */
  dependsOn?(value: z.output<A>): StateOfPrompt | undefined
  /** Parts of a request fail on their own, with their errors in the response. */
  readonly inParts?: boolean
  /** The versions that its responses have are counted as reads. */
  readonly countsReads?: boolean
  /** If set, a response is 201 when this returns true, else 200. */
  isCreated?(value: z.output<A>, body: OutputOf<B>): boolean
  run(call: RouteCall<OutputOf<P>, OutputOf<Q>, OutputOf<B>>): Promise<z.output<A>>
}

/** The input of a route, before it is validated. */
export interface RouteInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, readonly string[]>>
  /** Parsed JSON, or values like it. */
  readonly body?: unknown
}

/** A route with its types erased. The app needs only `respond`; the rest is for the OpenAPI document. */
export interface Route
  extends Omit<
    RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>,
    'run' | 'isCreated' | 'tagOf' | 'dependsOn'
  > {
  readonly kind: RequestKind
  readonly creates: boolean
  /** Runs the operation, without HTTP. The result is the document that a response has as JSON. */
  call(api: RegistryApi, input: RouteInput): Promise<unknown>
  /** `keep` receives the response of a conditional route. */
  respond(c: Context, api: RegistryApi, requestId: string, keep?: KeepAnswer): Promise<Response>
}

export function route<
  A extends z.ZodType,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<P, Q, B, A>): Route {
  const { params, query, body, run, isCreated, tagOf, dependsOn, ...rest } = definition
  const parsedHead = (input: RouteInput) => ({
    params: parsed<P>(params, input.params),
    query: parsed<Q>(query, readQuery(query, input.query)),
  })
  return {
    ...rest,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    kind: definition.access === 'read' || definition.access === 'open' ? 'read' : 'write',
    creates: isCreated !== undefined,
    call: async (api, input) => await run({ api, ...parsedHead(input), body: parsed<B>(body, input.body) }),
    async respond(c, api, requestId, keep) {
      const call = {
        api,
        ...parsedHead({ params: c.req.param(), query: c.req.queries() }),
        body: parsed<B>(body, body && (await readJsonBody(c.req.raw))),
      }
      const value = await run(call)
      const text = JSON.stringify(value)
      if (definition.conditional) {
        const etag = tagOf ? `"${tagOf(value)}"` : entityTag(text)
        keep?.(text, etag, dependsOn?.(value))
        return conditionalAnswer(c, text, etag, requestId)
      }
      return answer(isCreated?.(value, call.body) ? 201 : 200, text, requestId)
    },
  }
}

/**
 * Parses the query of a request. Refuses unknown and repeated parameters, because a misspelt `version` would
 * otherwise return the wrong one. Throws `invalid_request`.
 */
function readQuery(schema: z.ZodObject | undefined, given: RouteInput['query'] = {}): Record<string, string> {
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

function parsed<S extends z.ZodType | undefined>(schema: S | undefined, value: unknown): OutputOf<S> {
  return (schema === undefined ? {} : validate(schema, value)) as OutputOf<S>
}

function conditionalAnswer(c: Context, text: string, etag: string, requestId: string): Response {
  const id = { [REQUEST_ID]: requestId }
  if (matchesEntityTag(c.req.header('if-none-match'), etag))
    return new Response(null, { status: 304, headers: { ...unchangedHeaders(etag), ...id } })
  return new Response(text, { headers: { ...conditionalHeaders(etag), ...id } })
}
