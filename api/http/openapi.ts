import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import type { ErrorCode } from '../contract/errors.ts'
import { statusOf } from './error-table.ts'
import type { Route } from './route.ts'
import * as schemas from './routes/schemas.ts'

const JSON_TYPE = 'application/json'

/** The version of this contract, independent of the package version. */
const CONTRACT_VERSION = '1.0.0'

/** `GET /openapi.json`, generated from the schemas that validate requests. */
export function describeRoutes(routes: readonly Route[]): Record<string, unknown> {
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Prompt Registry',
        version: CONTRACT_VERSION,
        description:
          'Versions, lifecycle and resolution of prompts. A prompt id in a path may be raw (`support/triage`) or percent-encoded (`support%2Ftriage`). Every error has a message and a code.',
      },
      tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
      security: [{ token: [] }],
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'Not required from the same machine if the registry has no tokens.',
          },
        },
      },
      paths: pathsOf(routes),
    },
    {
      override({ jsonSchema, io }) {
        // Responses may gain fields, so readers must not assume that the list is complete.
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties
      },
    },
  )
  return withOneJson(document)
}

/** The generator emits the recursive `Json` twice, under names of its own. This replaces both by one schema. */
function withOneJson(document: object): Record<string, unknown> {
  const text = JSON.stringify(document).replaceAll(
    /#\/components\/schemas\/(?:__schema[01]|JsonOutput)"/g,
    '#/components/schemas/Json"',
  )
  const { components, ...rest } = JSON.parse(text)
  const { __schema0, __schema1, Json, JsonOutput, ...others } = components.schemas
  const one = { description: Json.description, ...__schema0 }
  return { ...rest, components: { ...components, schemas: { Json: one, ...others } } }
}

function pathsOf(routes: readonly Route[]): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) }
  return paths
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { params, query, body } = route.schemas(schemas)
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    ...(route.access === 'open' && { security: [] }),
    requestParams: { ...(params && { path: params }), ...(query && { query }) },
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { [JSON_TYPE]: { schema: body } },
      },
    }),
    responses: { ...successesOf(route), ...failuresOf(route) },
  }
}

function successesOf(route: Route): ZodOpenApiOperationObject['responses'] {
  const content = { [JSON_TYPE]: { schema: route.schemas(schemas).answer } }
  return {
    '200': { description: 'Done.', content },
    ...(route.creates && { '201': { description: 'Created.', content } }),
    ...(route.conditional && { '304': { description: 'Not modified since the response with this `ETag`.' } }),
  }
}

function failuresOf(route: Route): ZodOpenApiOperationObject['responses'] {
  const byStatus = Map.groupBy(codesOf(route), (code) => String(statusOf(code, route.kind)))
  const entries = [...byStatus].map(([status, codes]) => [
    status,
    {
      description: `Refused: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
      content: { [JSON_TYPE]: { schema: schemas.ErrorBody } },
    },
  ])
  return Object.fromEntries(entries)
}

/** A write for a source, whose lease another writer may hold. */
function takesLease(route: Route): boolean {
  const { body } = route.schemas(schemas)
  return body instanceof z.ZodObject && 'lease_token' in body.shape
}

/** The error codes of the operation, and those implied by the route's input and access. */
function codesOf(route: Route): ErrorCode[] {
  // Every route refuses a query parameter that it does not have.
  const codes: ErrorCode[] = [...route.errors, 'invalid_request']
  const { params, query, body } = route.schemas(schemas)
  if (params ?? query ?? body) codes.push('invalid_text')
  if (body) codes.push('invalid_json', 'too_large', 'unsupported_media_type')
  if (takesLease(route)) codes.push('lease_held', 'lease_lost')
  if (route.access !== 'open') codes.push('unauthorized', 'rate_limited', 'forbidden')
  if (route.kind === 'write') codes.push('read_only', 'storage_full')
  return [...codes, 'busy', 'unavailable', 'internal']
}
