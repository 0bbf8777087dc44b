import type { Environment } from './ambient.ts'

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}$]*))?\}/g

/**
 * The text with `${VAR}` and `${VAR:-default}` replaced. An empty variable counts as unset, as `:-` does in a
 * shell. Throws an `Error` that names the variable which is unset and has no default, or the `$` that is neither
 * form.
 */
export function expandVariables(text: string, env: Environment): string {
  if (text.replace(VARIABLE, '').includes('$')) {
    throw new Error(`"${text}" has a "$" that is neither \${VAR} nor \${VAR:-default}.`)
  }
  return text.replace(VARIABLE, (_all, name: string, fallback: string | undefined) => {
    const value = env[name] || fallback
    if (value !== undefined) return value
    throw new Error(`The variable ${name} is not set; set it, or give a default: \${${name}:-default}.`)
  })
}
