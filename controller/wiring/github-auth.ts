import type { SourceConfig } from '../configuration/config.ts'
import { secret } from '../configuration/secret.ts'
import type { GitHubAuth } from '../source/github/index.ts'
import type { Runtime } from '../values/runtime.ts'

/** Uses a password as a token. `undefined` without credentials: the address may have one. Throws `ConfigError`. */
export function gitHubAuth(
  { credentials }: Pick<SourceConfig, 'credentials'>,
  runtime: Pick<Runtime, 'env'>,
): GitHubAuth | undefined {
  if (credentials === undefined) return undefined
  if ('passwordEnv' in credentials) return { token: secret(credentials.passwordEnv, runtime) }
  const { appId, privateKeyEnv, installationId } = credentials
  return { appId, privateKey: secret(privateKeyEnv, runtime), installationId }
}
