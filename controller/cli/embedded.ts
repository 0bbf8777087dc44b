import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import {
  type EmbeddedRegistry,
  type EmbeddedRegistryOptions,
  openEmbeddedRegistry,
} from '../../api/server.ts'
import type { EmbeddedConfig } from '../configuration/config.ts'
import { secret } from '../configuration/secret.ts'
import { signingKey } from '../configuration/signing-key.ts'
import { callLimit } from './call-limit.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { CommandError } from './failure.ts'
import { createLog } from './log.ts'

/** Opens a registry file in this process. Throws `CommandError` if the file cannot be used. */
export function openEmbedded(
  registry: EmbeddedConfig,
  runtime: Pick<CliRuntime, 'env' | 'stderr' | 'now'>,
  options: Pick<EmbeddedRegistryOptions, 'observe' | 'tracer' | 'trouble'> = {},
): EmbeddedRegistry {
  const tokens = registry.tokens.map(({ name, access, sources, prefixes, env }) => ({
    name,
    access,
    sources,
    prefixes,
    token: secret(env, runtime),
  }))
  const { file, allowedModes, deprecatedPins, inputs } = registry
  const emergencyKey = signingKey(registry.emergencyKeyEnv, runtime)
  const settings = { allowedModes, deprecatedPins, inputs, emergencyKey }
  try {
    return openEmbeddedRegistry({ file, tokens, ...settings, log: createLog(runtime), ...options })
  } catch (error) {
    throw openFailure(file, error)
  }
}

/** Names the file and the cause, which the store would only log. */
function openFailure(file: string, error: unknown): unknown {
  const reason = error instanceof RegistryError ? error.cause : error
  if (!(reason instanceof Error) || (error instanceof RegistryError && error.code === 'busy')) return error
  return new CommandError(
    'unusable_registry',
    `The registry ${file} cannot be opened: ${reason.message}. Check "registry.file" in the configuration and the permissions of the file.`,
    { cause: error },
  )
}

/** The API of a registry in this process. Anyone who can open its file is an admin. */
export function apiOf(embedded: EmbeddedRegistry, actor: string, signal?: AbortSignal): RegistryApi {
  return embedded.apiFor({ actor, access: 'admin', sources: 'any' }, callLimit(signal))
}
