import type { Json } from '../version.ts'
import type { Format } from './format.ts'
import { inputTypeOf, inputTypeOfValue, type PromptInput, soleType, typeOfChoices } from './inputs.ts'
import { isJsonArray, isJsonObject, type JsonObject } from './json-object.ts'
import { dotpromptInputs, schemaInputs } from './schema-inputs.ts'

export interface Declarations {
  readonly format: Format
  /** The value of the file's key `variables`. */
  readonly variables: Json | null
  /** The file's other keys. */
  readonly config: Json | null
}

/** The keys under which files declare inputs, besides `variables`. */
const KEYS = ['inputs', 'arguments', 'input_variables'] as const

/** The inputs that a file declares, in its order. If a name occurs twice, its first declaration counts. */
export function declaredInputs({ format, variables, config }: Declarations): readonly PromptInput[] {
  const keys = isJsonObject(config) ? config : {}
  const isPrompty = format === 'prompty'
  const all = [
    ...(format === 'dotprompt' && isJsonObject(keys.input) ? dotpromptInputs(keys.input) : []),
    ...[variables ?? undefined, ...KEYS.map((key) => keys[key])].flatMap((one) => inputList(one, isPrompty)),
    ...(isPrompty && isJsonObject(keys.sample) ? samples(keys.sample) : []),
  ]
  const byName = new Map<string, PromptInput>()
  for (const input of all) {
    const known = byName.get(input.name)
    if (known === undefined) byName.set(input.name, input)
    else if (input.sample !== undefined && known.sample === undefined)
      byName.set(input.name, { ...known, sample: input.sample })
  }
  return [...byName.values()]
}

/** Reads a mapping by name, a list, names with commas between them, or JSON Schema. */
function inputList(value: Json | undefined, isPrompty: boolean): readonly PromptInput[] {
  if (typeof value === 'string') return value.split(',').flatMap((name) => named(name, null, isPrompty))
  if (isJsonArray(value)) return value.flatMap((item) => listed(item, isPrompty))
  if (!isJsonObject(value)) return []
  if (value.type === 'object' && isJsonObject(value.properties)) return schemaInputs(value)
  return Object.entries(value).flatMap(([name, declaration]) => named(name, declaration, isPrompty))
}

/** An item of a list: a name, a mapping with a `name`, or one name with its declaration. */
function listed(item: Json, isPrompty: boolean): readonly PromptInput[] {
  if (typeof item === 'string') return named(item, null, isPrompty)
  if (!isJsonObject(item)) return []
  if (typeof item.name === 'string') return named(item.name, item, isPrompty)
  return Object.entries(item).flatMap(([name, declaration]) => named(name, declaration, isPrompty))
}

/** A trailing `?` makes an input optional. */
function named(label: string, declaration: Json, isPrompty: boolean): readonly PromptInput[] {
  const text = label.trim()
  const isOptional = text.endsWith('?')
  const name = isOptional ? text.slice(0, -1).trimEnd() : text
  if (name === '') return []
  const input = declared(name, declaration, isPrompty)
  return [isOptional ? { ...input, required: false } : input]
}

function declared(name: string, declaration: Json, isPrompty: boolean): PromptInput {
  if (declaration === null) return { name, type: 'any', required: true }
  if (isJsonObject(declaration)) return fromMapping(name, declaration)
  if (typeof declaration === 'string') {
    const typed = fromWords(name, declaration)
    if (typed !== undefined) return typed
    return isPrompty
      ? { name, type: 'string', required: true, sample: declaration }
      : { name, type: 'any', required: true, description: declaration }
  }
  const type = inputTypeOfValue(declaration)
  return isPrompty
    ? { name, type, required: true, sample: declaration }
    : { name, type, required: false, default: declaration }
}

/** `string` or, as in Picoschema, `string, with a description`. */
function fromWords(name: string, words: string): PromptInput | undefined {
  const comma = words.indexOf(',')
  const type = inputTypeOf(comma === -1 ? words : words.slice(0, comma))
  if (type === undefined) return undefined
  const description = comma === -1 ? '' : words.slice(comma + 1).trim()
  return { name, required: true, ...type, ...(description !== '' && { description }) }
}

function fromMapping(name: string, declaration: JsonObject): PromptInput {
  const first = (...keys: readonly string[]) =>
    keys.map((key) => declaration[key]).find((value) => value !== undefined && value !== null)
  const choices = first('enum', 'options', 'choices', 'values')
  const description = first('description', 'desc')
  const examples = declaration.examples
  const sample = first('sample', 'example') ?? (isJsonArray(examples) ? examples[0] : undefined)
  const value = Object.hasOwn(declaration, 'default') ? declaration.default : undefined
  const isOptional =
    [declaration.required, declaration.is_required, declaration.isRequired].includes(false) ||
    declaration.optional === true
  const { schema } = declaration
  return {
    name,
    ...typeOf(declaration, isJsonArray(choices) ? choices : undefined),
    required: value === undefined && !isOptional,
    ...(value !== undefined && { default: value }),
    ...(typeof description === 'string' && { description }),
    ...(isJsonArray(choices) && { enum: choices }),
    ...(isJsonObject(schema) && { schema }),
    ...(sample !== undefined && { sample }),
  }
}

function typeOf(
  declaration: JsonObject,
  choices: readonly Json[] | undefined,
): Pick<PromptInput, 'type' | 'items'> {
  const { type, items } = declaration
  const name = soleType(type)
  const read = name === undefined ? undefined : inputTypeOf(name)
  if (read === undefined) return { type: typeOfChoices(choices) }
  const itemType = isJsonObject(items) ? items.type : items
  const item = typeof itemType === 'string' ? inputTypeOf(itemType)?.type : undefined
  return read.type === 'array' && item !== undefined && item !== 'any' ? { ...read, items: item } : read
}

/** Prompty's `sample`: example values by name. */
function samples(sample: JsonObject): readonly PromptInput[] {
  return Object.entries(sample).map(([name, value]) => ({
    name,
    type: inputTypeOfValue(value),
    required: true,
    sample: value,
  }))
}
