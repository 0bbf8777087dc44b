import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export type Json = Readonly<Record<string, unknown>>

export interface Operation {
  readonly parameters?: readonly Json[]
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Json }>> }
  readonly responses: Readonly<Record<string, DescribedResponse>>
}

export interface DescribedResponse {
  readonly content?: Readonly<
    Record<string, { readonly schema?: Json; readonly examples?: Readonly<Record<string, Json>> }>
  >
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

// 13 MB: read once, when the first stand-in of a test file starts.
let loaded: Description | undefined

/** GitHub's own description of its REST interface. */
export function description(): Description {
  const path = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
  loaded ??= JSON.parse(readFileSync(path, 'utf8')) as Description
  return loaded
}

/** `name` is `GET /repos/{owner}/{repo}`. */
export function operationOf(name: string): Operation {
  const [method = '', path = ''] = name.split(' ')
  const operation = description().paths[path]?.[method.toLowerCase()]
  if (operation === undefined) throw new Error(`GitHub describes no ${name}.`)
  return operation as Operation
}

/** The target of a `$ref` inside the document. */
export function resolveRef<T>(value: T | { readonly $ref: string }): T {
  const ref = typeof value === 'object' && value !== null && '$ref' in value ? String(value.$ref) : undefined
  if (ref === undefined) return value as T
  const keys = ref.slice(2).split('/')
  return keys.reduce<unknown>((part, key) => (part as Json)[key], description()) as T
}

/** GitHub's first example of a successful response: a base for long responses with few relevant fields. */
export function exampleOf(name: string): Json {
  const { responses } = operationOf(name)
  const success = resolveRef(responses['200'] ?? responses['201'] ?? {}) as DescribedResponse
  const example = Object.values(success.content?.['application/json']?.examples ?? {})[0]
  return (resolveRef(example ?? {}) as { value?: Json }).value ?? {}
}
