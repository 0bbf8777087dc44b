import type { Json } from '../version.ts'
import { isJsonArray, isJsonObject, type JsonObject } from './json-object.ts'

/** https://google.github.io/dotprompt/reference/picoschema */

const SCALARS = ['string', 'number', 'integer', 'boolean', 'null', 'any']
const JSON_SCHEMA_TYPES = [...SCALARS, 'object', 'array']
const WILDCARD = '(*)'

/**
 * Converts Picoschema to JSON Schema; JSON Schema stays as it is. Returns `undefined` for anything else. A named
 * schema, which only an application can look up, becomes a schema without a type.
 */
export function picoschemaToJsonSchema(schema: Json): JsonObject | undefined {
  if (isJsonObject(schema)) {
    if (typeof schema.type === 'string' && JSON_SCHEMA_TYPES.includes(schema.type)) return schema
    if (isJsonObject(schema.properties)) return { ...schema, type: 'object' }
    return fields(schema)
  }
  return typeof schema === 'string' ? scalar(schema, true) : undefined
}

function fragment(schema: Json): JsonObject | undefined {
  if (isJsonObject(schema)) return fields(schema)
  return typeof schema === 'string' ? scalar(schema) : undefined
}

function scalar(text: string, atTop = false): JsonObject {
  const { type, description } = described(text)
  const isTyped = SCALARS.includes(type) && (atTop || type !== 'any')
  return { ...(isTyped && { type }), ...description }
}

function fields(schema: JsonObject): JsonObject | undefined {
  const properties = new Map<string, JsonObject>()
  const required: string[] = []
  let additionalProperties: Json = false
  for (const [key, value] of Object.entries(schema)) {
    if (key === WILDCARD) {
      const others = fragment(value)
      if (others === undefined) return undefined
      additionalProperties = others
      continue
    }
    const [label = '', kind] = key.split('(')
    const isOptional = label.endsWith('?')
    const name = isOptional ? label.slice(0, -1) : label
    const property = kind === undefined ? fragment(value) : ofKind(kind.slice(0, -1), value)
    if (property === undefined) return undefined
    if (!isOptional) required.push(name)
    properties.set(name, isOptional ? nullable(property) : property)
  }
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties,
  }
}

/** The text in parentheses after a name: `array, description`, `object`, or `enum`. */
function ofKind(kind: string, value: Json): JsonObject | undefined {
  const { type, description } = described(kind)
  switch (type) {
    case 'array': {
      const items = fragment(value)
      return items && { type: 'array', items, ...description }
    }
    case 'object': {
      const property = fragment(value)
      return property && { ...property, ...description }
    }
    case 'enum':
      return isJsonArray(value) ? { enum: value, ...description } : undefined
    default:
      return undefined
  }
}

function nullable(property: JsonObject): JsonObject {
  if (typeof property.type === 'string') return { ...property, type: [property.type, 'null'] }
  if (isJsonArray(property.enum) && !property.enum.includes(null))
    return { ...property, enum: [...property.enum, null] }
  return property
}

function described(text: string): { readonly type: string; readonly description?: { description: string } } {
  const comma = text.indexOf(',')
  if (comma === -1) return { type: text.trim() }
  const description = text.slice(comma + 1).trim()
  return { type: text.slice(0, comma).trim(), ...(description !== '' && { description: { description } }) }
}
