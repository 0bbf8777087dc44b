import { PromptResolutionError } from './errors.ts'
import type { Host } from './host.ts'
import type { ClientOptions } from './options.ts'
import { createRegistryTier } from './registry-tier.ts'
import type { Settings } from './settings.ts'
import type { RegistryTier } from './tier.ts'
import { withApplication } from './transport/application.ts'
import { createHttpTransport } from './transport/http.ts'
import type { Transport } from './transport/transport.ts'
import type { LoadVerifier } from './verification.ts'

/** The registry tiers in the order in which they are asked. Throws `invalid_configuration`. */
export function createRegistryTiers(
  settings: Settings,
  { fetch, setTimer }: Pick<ClientOptions, 'fetch' | 'setTimer'>,
  host: Host,
  loadVerifier: LoadVerifier | undefined,
): readonly RegistryTier[] {
  const { transport, functionName, registryUrl, timeoutMs, token, auth, region, application } = settings
  const tier = (name: RegistryTier['name'], made: Transport) =>
    createRegistryTier({
      name,
      transport: application === undefined ? made : withApplication(made, application),
      sha256: host.sha256,
      loadVerifier,
    })
  if (transport !== undefined) return [tier('in_process', transport)]
  try {
    const lambda =
      functionName === undefined
        ? []
        : [tier('lambda', host.createLambdaTransport({ functionName, timeoutMs, setTimer }))]
    if (registryUrl === undefined) return lambda
    const way = fetch === undefined ? { sender: host.createSender(timeoutMs) } : { fetch }
    const http = createHttpTransport({ url: registryUrl, token, auth, region, timeoutMs, setTimer, ...way })
    return [...lambda, tier('http', http)]
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'The registry cannot be used.'
    throw new PromptResolutionError('invalid_configuration', message, { cause })
  }
}

/** Names the addresses, for snapshots. Without secrets. */
export function registryIdentity({ transport, functionName, registryUrl }: Settings): string {
  if (transport !== undefined) return 'transport'
  return [functionName, registryUrl].filter((part) => part !== undefined).join(' ')
}
