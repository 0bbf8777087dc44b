import type { Json } from '../version.ts'
import { type InputType, inputTypeOf, type PromptInput, soleType, typeOfChoices } from './inputs.ts'
import { isJsonArray, isJsonObject, type JsonObject } from './json-object.ts'
import { picoschemaToJsonSchema } from './picoschema.ts'

/** Keywords of JSON Schema that have a field of their own in an input. */
const OWN_FIELDS = ['type', 'description', 'enum', 'default', 'items', 'examples', 'title']

/** The inputs in `input` of a dotprompt file: Picoschema or JSON Schema in `schema`, and defaults in `default`. */
export function dotpromptInputs(input: JsonObject): readonly PromptInput[] {
  const { schema = null } = input
  const defaults = isJsonObject(input.default) ? input.default : {}
  const read = picoschemaToJsonSchema(schema)
  const declared = read === undefined ? [] : schemaInputs(read, read !== schema)
  const names = new Set(declared.map(({ name }) => name))
  const others = Object.entries(defaults).filter(([name]) => !names.has(name))
  return [
    ...declared.map((one) => withDefault(one, defaults)),
    ...others.map(([name, value]): PromptInput => ({ name, type: 'any', required: false, default: value })),
  ]
}

/** The properties of a JSON Schema as inputs. With `isPico`, items of arrays keep no schema. */
export function schemaInputs(schema: JsonObject, isPico = false): readonly PromptInput[] {
  if (!isJsonObject(schema.properties)) return []
  const required = isJsonArray(schema.required) ? new Set(schema.required) : new Set()
  return Object.entries(schema.properties).map(([name, property]) =>
    schemaInput(name, isJsonObject(property) ? property : {}, required.has(name), isPico),
  )
}

function schemaInput(name: string, property: JsonObject, isRequired: boolean, isPico: boolean): PromptInput {
  const { description, items, examples, default: value } = property
  const values = isJsonArray(property.enum) ? property.enum : undefined
  // An optional field of Picoschema may be null, which `required: false` tells already.
  const choices = isPico && !isRequired ? values?.filter((one) => one !== null) : values
  const type = schemaType(property.type, choices)
  const item = isJsonObject(items) ? schemaType(items.type, undefined) : 'any'
  return {
    name,
    type,
    required: isRequired && value === undefined,
    ...(value !== undefined && { default: value }),
    ...(typeof description === 'string' && { description }),
    ...(choices !== undefined && { enum: choices }),
    ...(type === 'array' && item !== 'any' && { items: item }),
    ...(saysMore(property, isPico) && { schema: property }),
    ...(isJsonArray(examples) && examples[0] !== undefined && { sample: examples[0] }),
  }
}

function schemaType(type: Json | undefined, choices: readonly Json[] | undefined): InputType {
  const name = soleType(type)
  return name === undefined ? typeOfChoices(choices) : (inputTypeOf(name)?.type ?? 'any')
}

function saysMore(property: JsonObject, isPico: boolean): boolean {
  if (Object.keys(property).some((key) => !OWN_FIELDS.includes(key))) return true
  return !isPico && isJsonObject(property.items) && Object.keys(property.items).some((key) => key !== 'type')
}

function withDefault(input: PromptInput, defaults: JsonObject): PromptInput {
  if (!Object.hasOwn(defaults, input.name)) return input
  return { ...input, required: false, default: defaults[input.name] ?? null }
}
