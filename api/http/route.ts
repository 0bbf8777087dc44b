import type { Context } from 'hono'
import type { z } from 'zod'
import type { ErrorCode, RegistryApi } from '../contract/index.ts'
import type { Access } from '../registry/caller.ts'
import { answer, unchangedAnswer } from './answer.ts'
import { readJsonBody } from './body.ts'
import type { RequestKind } from './error-table.ts'
import { entityTag, matchesEntityTag } from './etag.ts'
import { validate } from './validate.ts'

type Method = 'get' | 'post' | 'put' | 'delete'
type Nothing = Record<never, never>
type OutputOf<S> = S extends z.ZodType ? z.output<S> : Nothing

/** What reached a route, parsed. */
export interface Call<P, Q, B> {
  /** The registry, bound to whoever calls. */
  readonly api: RegistryApi
  readonly params: P
  readonly query: Q
  readonly body: B
}

/** A route, said once: what validates a request here is what `/openapi.json` shows. */
export interface RouteDefinition<P, Q, B, A extends z.ZodType> {
  readonly method: Method
  /** As OpenAPI writes it: `/prompts/{id}/versions`. */
  readonly path: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The access that a caller needs; `open` asks for no credentials at all. */
  readonly access: Access | 'open'
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer: A
  /** The codes that only this route's operation gives; those of every route are added for the document. */
  readonly errors: readonly ErrorCode[]
  /** Answers carry an `ETag` and `If-None-Match` is honoured. */
  readonly conditional?: boolean
  /** Where present, an answer for which it holds is 201 and any other 200. */
  isCreated?(value: z.output<A>): boolean
  run(call: Call<OutputOf<P>, OutputOf<Q>, OutputOf<B>>): Promise<z.output<A>>
}

/** A route whose types are sealed: `respond` is all that the app needs, the rest is for the document. */
export interface Route
  extends Omit<RouteDefinition<z.ZodObject, z.ZodObject, z.ZodType, z.ZodType>, 'run' | 'isCreated'> {
  readonly kind: RequestKind
  readonly creates: boolean
  respond(c: Context, api: RegistryApi, requestId: string): Promise<Response>
}

export function route<
  A extends z.ZodType,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<P, Q, B, A>): Route {
  const { params, query, body, run, isCreated, ...rest } = definition
  return {
    ...rest,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    kind: definition.access === 'write' || definition.access === 'admin' ? 'write' : 'read',
    creates: isCreated !== undefined,
    async respond(c, api, requestId) {
      const call = {
        api,
        params: parsed<P>(params, params && c.req.param()),
        query: parsed<Q>(query, query && c.req.query()),
        body: parsed<B>(body, body && (await readJsonBody(c.req.raw))),
      }
      const value = await run(call)
      const text = JSON.stringify(value)
      if (definition.conditional) return conditionalAnswer(c, text, requestId)
      return answer(isCreated?.(value) ? 201 : 200, text, requestId)
    },
  }
}

function parsed<S extends z.ZodType | undefined>(schema: S | undefined, value: unknown): OutputOf<S> {
  return (schema === undefined ? {} : validate(schema, value)) as OutputOf<S>
}

function conditionalAnswer(c: Context, text: string, requestId: string): Response {
  const etag = entityTag(text)
  // A caller may keep the answer for itself, and asks each time whether it still holds.
  const headers = { etag, 'cache-control': 'private, no-cache' }
  if (matchesEntityTag(c.req.header('if-none-match'), etag)) return unchangedAnswer(requestId, headers)
  return answer(200, text, requestId, headers)
}
