import { ConfigError } from '../config.ts'
import type { Surroundings } from './surroundings.ts'

/** Throws `ConfigError` where the variable is not set. */
export function secret(variable: string, { env }: Pick<Surroundings, 'env'>): string {
  const value = nonEmpty(env[variable])
  if (value !== undefined) return value
  throw new ConfigError(
    `The configuration takes a secret from the variable ${variable}, which is not set; set it and try again.`,
  )
}

/** An empty variable is one that was switched off. */
export function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
