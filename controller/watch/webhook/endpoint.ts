import type { SourceConfig } from '../../configuration/config.ts'
import { nonEmpty, secret } from '../../configuration/secret.ts'
import type { Runtime } from '../../values/runtime.ts'
import { presumedHost, WEBHOOK_HOSTS } from './hosts.ts'
import type { WebhookEndpoint } from './receiver.ts'

/** How to check a source's deliveries; `undefined` if it accepts none. Throws `ConfigError` without a secret. */
export function webhookEndpoint(
  { repository, webhook }: Pick<SourceConfig, 'repository' | 'webhook'>,
  runtime: Pick<Runtime, 'env'>,
): WebhookEndpoint | undefined {
  if (webhook === undefined) return undefined
  const { host = presumedHost(repository), secretEnv, nextSecretEnv } = webhook
  const next = nextSecretEnv === undefined ? undefined : nonEmpty(runtime.env[nextSecretEnv])
  const secrets = [secret(secretEnv, runtime), ...(next === undefined ? [] : [next])]
  return { host: WEBHOOK_HOSTS[host], secrets }
}
