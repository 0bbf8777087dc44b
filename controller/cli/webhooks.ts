import type { Config } from '../configuration/config.ts'
import { webhookEndpoint } from '../watch/webhook/endpoint.ts'
import type { WebhookEndpoint } from '../watch/webhook/receiver.ts'
import type { CliRuntime } from './cli-runtime.ts'

/** The webhooks of the configuration, by source. Throws `ConfigError` if a secret is missing. */
export function webhookEndpoints(
  { sources }: Config,
  runtime: Pick<CliRuntime, 'env'>,
): ReadonlyMap<string, WebhookEndpoint> {
  return new Map(
    sources.flatMap((source) => {
      const endpoint = webhookEndpoint(source, runtime)
      return endpoint === undefined ? [] : [[source.name, endpoint] as const]
    }),
  )
}
