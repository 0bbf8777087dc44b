import type { InputType, PromptInput } from '../../api/contract/reading/inputs.ts'
import type { Json } from '../../api/contract/version.ts'
import { PromptRenderError, type RenderErrorCode } from './render-error.ts'

/**
 * Values by the name of their input. Plain JSON: no functions, class instances, getters or `undefined`.
 *
 * @example
 * ```ts
 * const values: PromptValues = { customer: 'Ada', orders: [17, 18] }
 * ```
 */
export type PromptValues = Readonly<Record<string, unknown>>

/** Checked values, without a prototype. */
export type Checked = Readonly<Record<string, Json>>

const DEPTH = 64

/**
 * Checks values against the inputs of a prompt and fills defaults. Returns copies, so that nothing of the caller's
 * reaches an engine. An optional value that is missing is left out. Throws `PromptRenderError`.
 */
export function checkValues(inputs: readonly PromptInput[], values: PromptValues): Checked {
  demandPlainObject(values, '')
  const unknown = Object.keys(values).filter((name) => !inputs.some((input) => input.name === name))
  if (unknown.length > 0) throw failure('unknown_variable', unknown, 'The prompt does not have the variable')
  const checked: Record<string, Json> = Object.create(null)
  const missing: string[] = []
  for (const input of inputs) {
    const { name } = input
    const given = own(values, name)
    if (given !== undefined) checked[name] = checkValue(input, given)
    else if (input.default !== undefined) checked[name] = input.default
    else if (input.required) missing.push(name)
  }
  if (missing.length > 0) throw failure('missing_variable', missing, 'Pass a value for the variable')
  return checked
}

function checkValue({ name, type, items, enum: choices }: PromptInput, given: unknown): Json {
  const value = plain(given, name, DEPTH)
  if (!isOf(type, value)) throw wrongType(name, `must be of type ${type}`)
  if (items !== undefined && Array.isArray(value) && !value.every((item) => isOf(items, item)))
    throw wrongType(name, `must be an array of ${items}`)
  if (choices === undefined || choices.includes(value)) return value
  if (choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value))) return value
  throw failure('invalid_choice', [name], `Pass one of ${JSON.stringify(choices)} for`)
}

function isOf(type: InputType, value: Json): boolean {
  if (type === 'any') return true
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type && value !== null && !Array.isArray(value)
}

/** A copy of plain JSON. Reads no getter, and calls nothing. */
function plain(value: unknown, name: string, depth: number): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'object' || depth === 0) throw wrongType(name, NOT_PLAIN)
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, n) => plain(own(value, n), name, depth - 1))
  demandPlainObject(value, name)
  const copy: Record<string, Json> = Object.create(null)
  for (const key of Object.keys(value)) copy[key] = plain(own(value, key), name, depth - 1)
  return copy
}

/** An own value; `undefined` for a getter. */
function own(fields: object, name: string | number): unknown {
  return Object.getOwnPropertyDescriptor(fields, name)?.value
}

/** A prototype of another realm is not ours, but has none itself. */
function demandPlainObject(value: object, name: string): void {
  const prototype = Object.getPrototypeOf(value)
  if ((prototype !== null && Object.getPrototypeOf(prototype) !== null) || Object.hasOwn(value, '__proto__'))
    throw wrongType(name, NOT_PLAIN)
}

const NOT_PLAIN = 'must be plain JSON'

function wrongType(name: string, rule: string): PromptRenderError {
  return new PromptRenderError('wrong_type', `${name === '' ? 'The values' : `"${name}"`} ${rule}.`, [name])
}

function failure(code: RenderErrorCode, names: readonly string[], what: string): PromptRenderError {
  return new PromptRenderError(code, `${what} ${names.map((name) => `"${name}"`).join(', ')}.`, names)
}
