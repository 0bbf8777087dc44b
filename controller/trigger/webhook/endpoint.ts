import type { SourceConfig } from '../../config.ts'
import { nonEmpty, secret } from '../../configuration/secret.ts'
import type { Surroundings } from '../../configuration/surroundings.ts'
import { presumedHost, WEBHOOK_HOSTS } from './hosts.ts'
import type { WebhookEndpoint } from './receiver.ts'

/** How deliveries for a source are checked; `undefined` where it takes none. Throws `ConfigError` where a secret is missing. */
export function webhookEndpoint(
  { repository, webhook }: Pick<SourceConfig, 'repository' | 'webhook'>,
  surroundings: Pick<Surroundings, 'env'>,
): WebhookEndpoint | undefined {
  if (webhook === undefined) return undefined
  const { host = presumedHost(repository), secretEnv, nextSecretEnv } = webhook
  const next = nextSecretEnv === undefined ? undefined : nonEmpty(surroundings.env[nextSecretEnv])
  const secrets = [secret(secretEnv, surroundings), ...(next === undefined ? [] : [next])]
  return { host: WEBHOOK_HOSTS[host], secrets }
}
