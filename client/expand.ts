import type { Environment } from '../api/contract/environment.ts'

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}$]*))?\}/g

/**
 * The text with `${VAR}` and `${VAR:-default}` replaced. An empty variable counts as unset, as `:-` does in a shell. A
 * variable that is unset and has no default stays as it is written.
 */
export function expandVariables(text: string, env: Environment): string {
  return text.replace(
    VARIABLE,
    (all, name: string, fallback: string | undefined) => env[name] || (fallback ?? all),
  )
}

/** The same in every string of a document. */
export function expandAll(value: unknown, env: Environment): unknown {
  if (typeof value === 'string') return expandVariables(value, env)
  if (Array.isArray(value)) return value.map((inner) => expandAll(inner, env))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expandAll(inner, env)]))
}

/** The name of a variable that is unset and has no default. */
export function unsetVariable(expanded: string): string | undefined {
  return expanded.matchAll(VARIABLE).next().value?.[1]
}
