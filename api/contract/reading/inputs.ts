import type { Json } from '../version.ts'
import { isJsonArray } from './json-object.ts'

export const INPUT_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'any'] as const
export type InputType = (typeof INPUT_TYPES)[number]

/** A value that a prompt needs. One form for every way in which files declare inputs. */
export interface PromptInput {
  readonly name: string
  readonly type: InputType
  /** False if the file makes it optional or has a default. */
  readonly required: boolean
  readonly default?: Json
  readonly description?: string
  /** The allowed values. */
  readonly enum?: readonly Json[]
  /** The type of an array's items. */
  readonly items?: InputType
  /** JSON Schema, if it says more than the other fields. */
  readonly schema?: Json
  /** An example value. */
  readonly sample?: Json
  /** Set if the text uses the input without declaring it. */
  readonly declared?: false
}

const OTHER_NAMES: Readonly<Record<string, InputType>> = {
  str: 'string',
  text: 'string',
  int: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  list: 'array',
  tuple: 'array',
  set: 'array',
  dict: 'object',
  map: 'object',
  mapping: 'object',
  record: 'object',
  json: 'any',
}

/** The type that a file names, such as `string`, `int` or `list[str]`; `undefined` if it is not one. */
export function inputTypeOf(word: string): Pick<PromptInput, 'type' | 'items'> | undefined {
  const name = word.trim().toLowerCase()
  const type = simpleType(name)
  if (type !== undefined) return { type }
  if (name.endsWith('[]')) return arrayOf(name.slice(0, -2))
  const close = name.charAt(name.length - 1)
  const open = close === ']' ? name.indexOf('[') : close === '>' ? name.indexOf('<') : -1
  const outer = open === -1 ? undefined : simpleType(name.slice(0, open))
  return outer === 'array' ? arrayOf(name.slice(open + 1, -1)) : outer && { type: outer }
}

function simpleType(name: string): InputType | undefined {
  return (
    INPUT_TYPES.find((type) => type === name) ??
    (Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined)
  )
}

function arrayOf(name: string): Pick<PromptInput, 'type' | 'items'> {
  const items = simpleType(name)
  return { type: 'array', ...(items !== undefined && items !== 'any' && { items }) }
}

/** The one type that a declaration names; `null` beside it makes an input optional. Several types are none. */
export function soleType(type: Json | undefined): string | undefined {
  const [name, ...others] = (isJsonArray(type) ? type : [type]).filter((one) => one !== 'null')
  return typeof name === 'string' && others.length === 0 ? name : undefined
}

/** The type of an input that has choices and no type that is known. */
export function typeOfChoices(choices: readonly Json[] | undefined): InputType {
  return choices?.length && choices.every((one) => typeof one === 'string') ? 'string' : 'any'
}

/** The type of a value in a file. */
export function inputTypeOfValue(value: Json | undefined): InputType {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'number':
      return 'number'
    default:
      return Array.isArray(value) ? 'array' : typeof value === 'object' && value !== null ? 'object' : 'any'
  }
}
