import type { KeyObject } from 'node:crypto'
import { parsePrivateKey } from '../../api/contract/keys/private-key.ts'
import { verificationKeyOf } from '../../api/contract/keys/verification-key.ts'
import { ConfigError } from '../values/config-error.ts'
import type { Runtime } from '../values/runtime.ts'
import { secret } from './secret.ts'

/** The private key in an environment variable; `undefined` without one. Throws `ConfigError` for a key that cannot sign. */
export function signingKey(
  variable: string | undefined,
  runtime: Pick<Runtime, 'env'>,
): KeyObject | undefined {
  if (variable === undefined) return undefined
  const text = secret(variable, runtime)
  try {
    const key = parsePrivateKey(text)
    verificationKeyOf(key)
    return key
  } catch (error) {
    const why = error instanceof Error ? error.message : error
    throw new ConfigError(`The key in the variable ${variable} cannot sign: ${why}.`)
  }
}
