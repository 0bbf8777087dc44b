import type { Config } from '../config.ts'
import { nonEmpty, secret } from '../secret.ts'
import { presumedHost, WEBHOOK_HOSTS } from '../trigger/webhook/hosts.ts'
import type { WebhookEndpoint } from '../trigger/webhook/receiver.ts'
import type { World } from './world.ts'

/** The webhooks of the configuration, by source. Throws `ConfigError` where a secret is missing. */
export function webhookEndpoints({ sources }: Config, world: World): ReadonlyMap<string, WebhookEndpoint> {
  return new Map(
    sources.flatMap(({ name, repository, webhook }) => {
      if (webhook === undefined) return []
      const { host = presumedHost(repository), secretEnv, nextSecretEnv } = webhook
      const next = nextSecretEnv === undefined ? undefined : nonEmpty(world.env[nextSecretEnv])
      const secrets = [secret(secretEnv, world), ...(next === undefined ? [] : [next])]
      return [[name, { host: WEBHOOK_HOSTS[host], secrets }] as const]
    }),
  )
}
