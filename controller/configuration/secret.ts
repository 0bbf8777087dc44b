import { ConfigError } from '../values/config-error.ts'
import type { Runtime } from '../values/runtime.ts'

/** The value of a secret environment variable. Throws `ConfigError` if it is not set or empty. */
export function secret(variable: string, { env }: Pick<Runtime, 'env'>): string {
  const value = nonEmpty(env[variable])
  if (value !== undefined) return value
  throw new ConfigError(
    `The configuration needs a secret from the variable ${variable}, which is not set. Set it and try again.`,
  )
}

/** An empty environment variable counts as unset. */
export function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
