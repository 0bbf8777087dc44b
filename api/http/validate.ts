import type { z } from 'zod'
import { RegistryError } from '../contract/errors.ts'

type Issue = z.core.$ZodIssue

/** A validation error of a request. */
interface FieldProblem {
  /** Dotted path; `body` for the whole body. */
  readonly field: string
  readonly problem: string
}

const SHOWN_ISSUES = 20
const SHOWN_CHARACTERS = 40

/**
 * Validates `value` and returns the schema's output. Throws `invalid_request` with the name of the first invalid
 * field.
 */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.flatMap((issue) => problemsOf(issue, value)).slice(0, SHOWN_ISSUES)
  const [first] = issues
  throw new RegistryError('invalid_request', `${first?.field ?? 'body'}: ${first?.problem ?? 'not valid'}.`, {
    details: { issues },
  })
}

function problemsOf(issue: Issue, value: unknown): FieldProblem[] {
  if (issue.code !== 'unrecognized_keys')
    return [{ field: fieldAt(issue.path), problem: problemOf(issue, value) }]
  return issue.keys.map((key) => ({
    field: fieldAt([...issue.path, key]),
    problem: 'unknown field; /openapi.json lists the fields of this route',
  }))
}

function fieldAt(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'body' : path.map(String).join('.')
}

function problemOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${withArticle(issue.expected)}, got ${received(valueAt(value, issue.path), issue.expected)}`
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return optionsOf(issue) ?? 'not an allowed value'
    case 'too_small':
      return issue.origin === 'string' && issue.minimum === 1
        ? 'must not be empty'
        : `expected at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`
    default:
      return issue.message.replace(/\.$/, '')
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  )
}

/** Describes the received value. Quotes a string only if a shorter type, such as a number, was expected. */
function received(value: unknown, expected: string): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string' && expected !== 'object' && value.length <= SHOWN_CHARACTERS)
    return `"${value}"`
  if (typeof value === 'number' && expected === 'int') return String(value)
  return withArticle(typeof value)
}

const SPOKEN: Readonly<Record<string, string>> = { int: 'whole number', record: 'object', null: 'null' }

function withArticle(type: string): string {
  const word = SPOKEN[type] ?? type
  if (word === 'null') return word
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`
}

function optionsOf(issue: Issue): string | undefined {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : undefined
  return options && `expected one of ${options.join(', ')}`
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' items' : ''
}
