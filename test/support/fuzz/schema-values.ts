import fc from '../fast-check.ts'

/** As much of JSON Schema as `/openapi.json` has. */
export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly minimum?: number
  readonly maximum?: number
  readonly example?: unknown
}

export type Schemas = Readonly<Record<string, Schema>>

/** Names that the registry under test has, beside some that it has not. */
const WORDS = [
  'p',
  'q',
  'team/p',
  'P',
  '1.0.0',
  'v1',
  '1.1.0',
  'stable',
  'latest',
  'git',
  'other',
  'new',
  'dev',
]

/** Values that a schema allows, or nearly does: what JSON Schema cannot say is left to the registry. */
export function valuesOf(schema: Schema, schemas: Schemas, depth = 0): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const named = schemas[schema.$ref.split('/').at(-1) ?? '']
    return depth > 8 ? fc.constant(null) : valuesOf(named ?? {}, schemas, depth + 1)
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return fc.oneof(...options.map((one) => valuesOf(one, schemas, depth + 1)))
  const [type] = [schema.type].flat()
  switch (type) {
    case 'string':
      return fc.oneof({ arbitrary: fc.constantFrom(...WORDS), weight: 4 }, fc.string({ maxLength: 30 }))
    case 'integer':
    case 'number':
      return fc.integer({ min: Math.max(schema.minimum ?? 0, 0), max: Math.min(schema.maximum ?? 100, 100) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, schemas, depth + 1), { minLength: 1, maxLength: 3 })
    case 'object':
      return objectsOf(schema, schemas, depth)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objectsOf({ properties = {}, required = [] }: Schema, schemas: Schemas, depth: number) {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const values = valuesOf(schema, schemas, depth + 1)
    // Optional fields are mostly left out: most of them refuse each other.
    const field = required.includes(name) ? values : fc.option(values, { nil: undefined, freq: 1 })
    return [
      name,
      required.includes(name) ? field : fc.oneof({ arbitrary: fc.constant(undefined), weight: 2 }, field),
    ]
  })
  return fc.record(Object.fromEntries(fields))
}

const DEEP = Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 0)

/** What no schema allows, or only seems to. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    '../../etc/passwd',
    'a/../b',
    '%2e%2e%2f',
    '__proto__',
    'constructor',
    'x'.repeat(300_000),
    'a/'.repeat(200),
    'p_v1',
    'v'.repeat(129),
    null,
    true,
    -1,
    0.5,
    1e308,
    2 ** 53,
    [],
    {},
    DEEP,
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** The value with a part of it replaced, or a field added; `path` chooses which. */
export function spoilt(value: unknown, path: readonly number[], by: unknown): unknown {
  const [at = 0, ...rest] = path
  if (typeof value !== 'object' || value === null || rest.length === 0) return by
  if (Array.isArray(value))
    return value.map((one, index) => (index === at % value.length ? spoilt(one, rest, by) : one))
  const names = Object.keys(value)
  const name = names[at % (names.length + 1)] ?? 'unexpected'
  return { ...value, [name]: spoilt((value as Record<string, unknown>)[name], rest, by) }
}
