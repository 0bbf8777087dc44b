import { openApiDocument } from '../../../api/http/routes/index.ts'
import fc from '../fast-check.ts'
import { hostile, type Schema, type Schemas, spoilt, valuesOf } from './schema-values.ts'

interface Parameter {
  readonly in: 'path' | 'query'
  readonly name: string
  readonly schema: Schema
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

export interface FuzzedRequest {
  readonly operationId: string
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string | undefined
  /** The statuses that the contract gives to the operation. */
  readonly documented: readonly number[]
}

const { paths, components } = (await openApiDocument()) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Schemas }
}

/** Requests of every operation of `/openapi.json`, about half of them spoilt somewhere. */
export const fuzzedRequests: fc.Arbitrary<FuzzedRequest> = fc.oneof(
  ...Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => requestsOf(method, path, operation)),
  ),
)

function requestsOf(method: string, path: string, operation: Operation): fc.Arbitrary<FuzzedRequest> {
  const { parameters = [], requestBody, responses, operationId } = operation
  const schema = requestBody?.content['application/json']?.schema
  return fc
    .record({
      params: recordOf(parameters.filter((one) => one.in === 'path')),
      query: fc.oneof(fc.constant({}), recordOf(parameters.filter((one) => one.in === 'query'))),
      body: schema === undefined ? fc.constant(undefined) : valuesOf(schema, components.schemas),
      spoil: fc.option(fc.record({ path: fc.array(fc.nat(20), { maxLength: 5 }), by: hostile })),
      rawBody: fc.option(fc.string({ unit: 'binary', maxLength: 60 }), { freq: 20 }),
      spoiltQuery: fc.option(
        fc.tuple(fc.string({ maxLength: 10 }), fc.string({ unit: 'binary', maxLength: 20 })),
        {
          freq: 8,
        },
      ),
    })
    .map(({ params, query, body, spoil, rawBody, spoiltQuery }) => {
      const spoiltBody = spoil === null ? body : spoilt(body, spoil.path, spoil.by)
      const pairs = Object.entries(query).filter(([, value]) => value !== undefined)
      const search = new URLSearchParams(
        pairs.map(([name, value]): [string, string] => [name, String(value)]),
      )
      if (spoiltQuery !== null) search.append(...spoiltQuery)
      return {
        operationId,
        method: method.toUpperCase(),
        path: `${filledIn(path, params)}${search.size === 0 ? '' : `?${search}`}`,
        body: schema === undefined ? undefined : (rawBody ?? JSON.stringify(spoiltBody)),
        documented: Object.keys(responses).map(Number),
      }
    })
}

function recordOf(parameters: readonly Parameter[]) {
  return fc.record(
    Object.fromEntries(parameters.map(({ name, schema }) => [name, valuesOf(schema, components.schemas)])),
  )
}

function filledIn(path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(
    /\{(\w+)\}/g,
    (_, name) => encodeURIComponent(String(params[name]).toWellFormed()) || 'p',
  )
}
