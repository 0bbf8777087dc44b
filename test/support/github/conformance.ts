import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { type DescribedResponse, type Json, operationOf, resolveRef } from './description.ts'

/** Validates requests and responses against GitHub's own description. Returns the error, or nothing. */
export interface Conformance {
  request(operation: string, request: JudgedRequest): string[]
  response(operation: string, status: number, body: unknown): string[]
}

export interface JudgedRequest {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  readonly headers: Readonly<Record<string, unknown>>
}

// Statuses that any operation may return, described or not: not modified, unauthorized, forbidden, not found, too
// many requests, outage.
const EVERYWHERE = [301, 304, 307, 401, 403, 404, 429, 500, 502, 503]

// Shared by all stand-ins of a test file, because compiled schemas are stateless.
let schemas: ReturnType<typeof createSchemas> | undefined

export function createConformance(): Conformance {
  schemas ??= createSchemas()
  const check = schemas
  return {
    request(operation, { parameters, query, body, headers }) {
      const described = operationOf(operation)
      const known = (described.parameters ?? []).map((parameter) => resolveRef(parameter))
      const problems = [...query.keys()]
        .filter(
          (key) => key !== 'page' && !known.some(({ in: place, name }) => place === 'query' && name === key),
        )
        .map((key) => `query parameter ${key} is not described`)
      for (const { name, required, in: place, schema } of known) {
        const value = place === 'query' ? query.get(String(name)) : parameters[String(name)]
        if (place === 'path' && value !== undefined && (schema as Json).type === 'string')
          problems.push(...check(`${operation} ${name}`, schema as Json, value))
        if (required === true && value === null) problems.push(`${name} is missing`)
      }
      if (!headers['user-agent']) problems.push('there is no User-Agent')
      const schema = described.requestBody?.content?.['application/json']?.schema
      if (body === undefined) return problems
      if (schema === undefined) return [...problems, 'a body is not described']
      return [...problems, ...check(`${operation} body`, schema, body)]
    },
    response(operation, status, body) {
      const { responses } = operationOf(operation)
      const response = responses[String(status)]
      if (response === undefined)
        return EVERYWHERE.includes(status) ? [] : [`status ${status} is not described`]
      const { content } = resolveRef(response) as DescribedResponse
      const schema = content?.['application/json']?.schema
      if (schema === undefined || body === undefined) return []
      return check(`${operation} ${status}`, schema, body)
    },
  }
}

/** Compiles each schema on first use, because all of them would take minutes. */
function createSchemas(): (key: string, schema: Json, value: unknown) => string[] {
  const ajv = new Ajv({ strict: false, allErrors: false, logger: false })
  // The package is CommonJS. Depending on the loader, its function is the module itself or its `default`.
  const add = addFormats as unknown as ((ajv: Ajv) => void) & { default?: (ajv: Ajv) => void }
  ;(add.default ?? add)(ajv)
  const compiled = new Map<string, ValidateFunction>()
  return (key, schema, value) => {
    const validate = compiled.get(key) ?? ajv.compile(withDefinitions(schema))
    compiled.set(key, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'it'} ${message}`)
  }
}

/** The schema with everything that it refers to, as JSON Schema. */
function withDefinitions(schema: Json): Json {
  const definitions: Record<string, Json> = {}
  const translate = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(translate)
    if (typeof part !== 'object' || part === null) return part
    const { example: _, examples: __, nullable, ...rest } = part as Record<string, unknown>
    if (typeof rest.$ref === 'string') {
      const name = rest.$ref.split('/').at(-1) ?? ''
      if (!(name in definitions)) {
        definitions[name] = {}
        definitions[name] = translate(resolveRef(rest)) as Json
      }
      return { $ref: `#/definitions/${name}` }
    }
    const translated = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, translate(value)]))
    return nullable === true ? { anyOf: [{ type: 'null' }, translated] } : translated
  }
  const translated = translate(schema) as Json
  return { ...translated, definitions }
}
