import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { withApplication } from '../../client/transport/application.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { secret } from '../configuration/secret.ts'
import type { PromotesFrom } from '../evidence/promotes-from.ts'
import type { Runtime } from '../values/runtime.ts'

const TIMEOUT_MS = 10_000

/** The registry that a source promotes from. Throws `ConfigError` if its token is not set. */
export function otherRegistry(
  promotesFrom: PromotesFrom | undefined,
  { env, fetch }: Pick<Runtime, 'env' | 'fetch'>,
): RegistryApi | undefined {
  if (promotesFrom === undefined) return undefined
  const { url, tokenEnv } = promotesFrom
  const token = tokenEnv === undefined ? undefined : secret(tokenEnv, { env })
  const transport = createHttpTransport({ url, token, region: env.AWS_REGION, timeoutMs: TIMEOUT_MS, fetch })
  return createRegistryApi(withApplication(transport, 'promptctl'))
}
