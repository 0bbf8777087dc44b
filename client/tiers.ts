import { PromptResolutionError } from './errors.ts'
import { createLastKnown } from './last-known.ts'
import { createLocalTier } from './local-files.ts'
import { createRegistryApi } from './registry-api.ts'
import { createRegistryTier } from './registry-tier.ts'
import type { Settings } from './settings.ts'
import type { Tier } from './tier.ts'
import { createHttpTransport } from './transport/http.ts'
import { createLambdaTransport } from './transport/lambda.ts'
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
  const { transport, functionName, registryUrl, timeoutMs } = settings
  if (transport !== undefined) {
    return [createRegistryTier('in_process', 'The registry', createRegistryApi(transport))]
  }
  const tiers: Tier[] = []
  if (functionName !== undefined) {
    const api = createRegistryApi(createLambdaTransport({ functionName, timeoutMs }))
    tiers.push(createRegistryTier('lambda', `The function ${functionName}`, api))
  }
  if (registryUrl !== undefined) {
    const api = createRegistryApi(httpTransport(settings, registryUrl))
    tiers.push(createRegistryTier('http', `The registry at ${new URL(registryUrl).origin}`, api))
  }
  return tiers
}

function httpTransport({ token, auth, region, fetch, timeoutMs }: Settings, url: string): Transport {
  try {
    return createHttpTransport({ url, token, auth, region, fetch, timeoutMs })
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'The registry URL cannot be used.'
    throw new PromptResolutionError('invalid_configuration', message, { cause })
  }
}
