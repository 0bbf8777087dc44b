import { PromptResolutionError } from './errors.ts'
import { createLastKnown } from './last-known.ts'
import { createLocalTier } from './local-files.ts'
import { createRegistryApi } from './registry-api.ts'
import { createRegistryTier } from './registry-tier.ts'
import type { Settings } from './settings.ts'
import type { Tier } from './tier.ts'
import { createHttpTransport } from './transport/http.ts'
import type { Transport } from './transport/transport.ts'

/** The places to look, in the order in which they are asked. Throws `invalid_configuration`. */
export function createTiers(settings: Settings): readonly Tier[] {
  const { localDir, lastKnownEntries, clock } = settings
  const lastKnown = createLastKnown({ maxEntries: lastKnownEntries, clock })
  return [
    ...registryTiers(settings).map(lastKnown.watch),
    lastKnown.tier,
    ...(localDir === undefined ? [] : [createLocalTier(localDir)]),
  ]
}

function registryTiers(settings: Settings): readonly Tier[] {
  const { transport, registryUrl } = settings
  if (transport !== undefined) {
    return [createRegistryTier('in_process', 'The registry', createRegistryApi(transport))]
  }
  if (registryUrl === undefined) return []
  const api = createRegistryApi(httpTransport(settings, registryUrl))
  return [createRegistryTier('http', `The registry at ${new URL(registryUrl).origin}`, api)]
}

function httpTransport({ token, fetch, timeoutMs }: Settings, url: string): Transport {
  try {
    return createHttpTransport({ url, token, fetch, timeoutMs })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'The registry URL cannot be used.'
    throw new PromptResolutionError('invalid_configuration', message, { cause })
  }
}
