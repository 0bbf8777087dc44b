import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../configuration/config.ts'
import { secret } from '../configuration/secret.ts'
import { createNotifier, type Notifier, type NotifierInput } from '../notify/notifier.ts'
import type { Receiver } from '../notify/send.ts'
import { signingKey } from '../notify/webhook-signature.ts'
import { ConfigError } from '../values/config-error.ts'
import type { Notified } from '../values/notified.ts'
import type { CliRuntime } from './cli-runtime.ts'

/** A receiver, and the events that it gets. */
export interface NotifiedReceiver {
  readonly receiver: Receiver
  readonly wanted: readonly Notified[]
}

/** The receivers of the configuration. Throws `ConfigError` if a secret is missing or unsuitable. */
export function receiversOf({ notify }: Config, runtime: CliRuntime): NotifiedReceiver[] {
  return notify.map((entry, index) => {
    const { url, secretEnv, events } = entry
    const key = receiverKey(secretEnv, runtime)
    return { receiver: { url, key, name: receiverName(notify, index) }, wanted: events }
  })
}

/** The signing key in a variable. Throws `ConfigError`. */
export function receiverKey(secretEnv: string, runtime: Pick<CliRuntime, 'env'>): Buffer {
  const key = signingKey(secret(secretEnv, runtime))
  if (key !== null) return key
  throw new ConfigError(
    `The secret in ${secretEnv} must be "whsec_" and 24 to 64 bytes in base64. Make one with: printf 'whsec_%s' "$(openssl rand -base64 32)"`,
  )
}

/** The host of a receiver, numbered if earlier ones have the same. */
export function receiverName(notify: Config['notify'], index: number): string {
  const hosts = notify.slice(0, index + 1).map(({ url }) => new URL(url).host)
  const host = hosts.at(-1) ?? ''
  const count = hosts.filter((other) => other === host).length
  return count === 1 ? host : `${host} (${count})`
}

/** The notifiers of the configuration, which keep their positions beside the cache. */
export function notifiersOf(
  config: Config,
  parts: Pick<NotifierInput, 'api' | 'warn' | 'onAttempt'> & { readonly runtime: CliRuntime },
): Notifier[] {
  return receiversOf(config, parts.runtime).map(({ receiver, wanted }) => {
    const name = createHash('sha256').update(receiver.url).digest('hex').slice(0, 16)
    return createNotifier({ receiver, wanted, file: join(config.cache, 'notify', `${name}.json`), ...parts })
  })
}
