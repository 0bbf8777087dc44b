import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { type ErrorCode, schemas } from '../contract/index.ts'
import { statusOf } from './error-table.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes/index.ts'

const JSON_TYPE = 'application/json'

/** The version of this contract, apart from that of the package. */
const CONTRACT_VERSION = '1.0.0'

const described = createDocument(
  {
    openapi: '3.1.1',
    info: {
      title: 'Prompt Registry',
      version: CONTRACT_VERSION,
      description:
        'Versions, lifecycle and resolution of prompts. A prompt id in a path may come raw (`support/triage`) or percent-encoded (`support%2Ftriage`). Every error is a sentence with a code.',
    },
    tags: [...new Set(ROUTES.map(({ tag }) => tag))].map((name) => ({ name })),
    security: [{ token: [] }],
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Not needed from the same machine where the registry has no tokens.',
        },
      },
    },
    paths: pathsOf(ROUTES),
  },
  {
    override({ jsonSchema, io }) {
      // Answers may gain fields, so a reader must not be told that there are no others.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  },
)

/** `GET /openapi.json`: made of the very schemas that validate. */
export const openApiDocument: Record<string, unknown> = withOneJson(described)

/** The generator writes the recursive `Json` twice, under names of its own; here it is one schema. */
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
  const { params, query, body } = route
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
  const content = { [JSON_TYPE]: { schema: route.answer } }
  return {
    '200': { description: 'Done.', content },
    ...(route.creates && { '201': { description: 'Created.', content } }),
    ...(route.conditional && { '304': { description: 'Not changed since the answer with this `ETag`.' } }),
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

/** The codes of the operation, and those that come from what the route takes and asks for. */
function codesOf(route: Route): ErrorCode[] {
  const codes: ErrorCode[] = [...route.errors]
  if (route.params ?? route.query ?? route.body) codes.push('invalid_request', 'invalid_text')
  if (route.body) codes.push('invalid_json', 'too_large', 'unsupported_media_type')
  if (route.access !== 'open') codes.push('unauthorized', 'forbidden')
  if (route.kind === 'write') codes.push('read_only')
  return [...codes, 'busy', 'unavailable', 'internal']
}
