import { resolve } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { withApplication } from '../../client/transport/application.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import type { Transport } from '../../client/transport/transport.ts'
import type { Config, EmbeddedConfig, RegistryConfig, RemoteConfig } from '../configuration/config.ts'
import { nonEmpty, secret } from '../configuration/secret.ts'
import { ConfigError } from '../values/config-error.ts'
import { exists } from '../values/exists.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { UsageError } from './context.ts'
import { endedBy, TIMEOUT_MS } from './ended-by.ts'
import { CommandError } from './failure.ts'
import type { CommonOptions } from './options.ts'
import { withSuggestion } from './suggestion.ts'

const DEFAULT_CONFIG_FILE = 'promptctl.yaml'

/** A connection to an embedded or a remote registry. */
export interface Connection {
  readonly api: RegistryApi
  /** The file, URL or function, for messages. */
  readonly where: string
  /** Names of the configured sources; `null` if the configuration is not the one of this registry's controller. */
  readonly sources: ReadonlySet<string> | null
  close(): void
}

/**
 * What to do if the file of an embedded registry does not exist: create it (`make`, for writers), fail (`refuse`,
 * for readers), or use an empty registry in memory (`pretend`, for previews).
 */
export type Missing = 'make' | 'refuse' | 'pretend'

const MISSING = { read: 'refuse', write: 'make', preview: 'pretend' } as const

/** Reads the file of `--config`, else `promptctl.yaml`, else returns the defaults. Throws `ConfigError`. */
export async function loadConfig(options: CommonOptions, runtime: CliRuntime): Promise<Config> {
  const file = resolve(runtime.cwd, options.config ?? DEFAULT_CONFIG_FILE)
  const isThere = await exists(file)
  const { defaultConfig, readConfig } = await import('../configuration/config.ts')
  if (isThere) return await readConfig(file)
  if (options.config === undefined) return defaultConfig(runtime.cwd)
  throw new ConfigError(`Configuration file ${file} does not exist. Check --config.`)
}

/** Connects to the registry of `--registry`, `PROMPT_REGISTRY_URL` or the configuration, in this order. */
export async function connect(
  options: CommonOptions,
  runtime: CliRuntime,
  { missing = 'make', signal }: { readonly missing?: Missing; readonly signal?: AbortSignal } = {},
): Promise<Connection> {
  const url = options.registry ?? nonEmpty(runtime.env.PROMPT_REGISTRY_URL)
  // The file of --config must be valid even if its registry is not used.
  const config = url === undefined || options.config !== undefined ? await loadConfig(options, runtime) : null
  if (url !== undefined || config === null) return await remote({ url: url ?? '' }, runtime, signal)
  const { registry, sources } = config
  const at = 'file' in registry ? await withFile(registry, missing) : registry
  const names = new Set(sources.map(({ name }) => name))
  // Only clients of a remote registry have a configuration without sources.
  const known = names.size > 0 || 'file' in registry ? names : null
  return { ...(await connectTo(at, runtime, signal)), sources: known }
}

/** Connects, runs `work` until the process is asked to stop, and always closes the connection. */
export async function withRegistry<T>(
  options: CommonOptions,
  runtime: CliRuntime,
  use: keyof typeof MISSING,
  work: (api: RegistryApi, connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect(options, runtime, { missing: MISSING[use], signal: runtime.signal })
  try {
    return await work(connection.api, connection)
  } catch (error) {
    throw await withSuggestion(error, connection.api)
  } finally {
    connection.close()
  }
}

/** Connects to the configured registry. */
export async function connectTo(
  registry: RegistryConfig,
  runtime: CliRuntime,
  signal?: AbortSignal,
): Promise<Connection> {
  if (!('file' in registry)) return await remote(registry, runtime, signal)
  // The whole registry, which a command against a server does not need.
  const { apiOf, openEmbedded } = await import('./embedded.ts')
  // Tokens protect HTTP only: file access is enough here.
  const embedded = openEmbedded({ ...registry, tokens: [] }, runtime)
  const api = apiOf(embedded, actorOf(runtime), signal)
  return { api, where: registry.file, sources: null, close: () => embedded.close() }
}

async function remote(
  registry: RemoteConfig,
  runtime: CliRuntime,
  signal?: AbortSignal,
): Promise<Connection> {
  const { transport, where } = await remoteTransport(registry, runtime)
  const named = withApplication(transport, runtime.application ?? 'promptctl')
  return { api: createRegistryApi(endedBy(signal, named)), where, sources: null, close: () => {} }
}

async function remoteTransport(
  registry: RemoteConfig,
  runtime: CliRuntime,
): Promise<{ transport: Transport; where: string }> {
  const token = tokenOf(registry, runtime)
  if ('url' in registry)
    return { transport: httpTransport(registry.url, token, runtime), where: registry.url }
  const functionName = registry.function
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const { createLambdaTransport } = await import('../../client/transport/lambda.ts')
  const transport = createLambdaTransport({ functionName, headers, timeoutMs: TIMEOUT_MS })
  return { transport, where: `the function ${functionName}` }
}

function httpTransport(url: string, token: string | undefined, { env, fetch }: CliRuntime): Transport {
  try {
    return createHttpTransport({ url, token, region: env.AWS_REGION, timeoutMs: TIMEOUT_MS, fetch })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function withFile(registry: EmbeddedConfig, missing: Missing): Promise<EmbeddedConfig> {
  if (missing === 'make' || (await exists(registry.file))) return registry
  if (missing === 'pretend') return { ...registry, file: ':memory:' }
  throw new CommandError(
    'no_registry',
    `Registry file ${registry.file} does not exist. Run promptctl serve or promptctl sync first, or choose another registry with --config or --registry.`,
  )
}

/** The actor of events in a registry file: the user of the system, if known. */
export function actorOf({ env }: CliRuntime): string {
  const user = env.USER ?? env.USERNAME
  return user !== undefined && /^[\w.@-]{1,64}$/.test(user) ? `promptctl/${user}` : 'promptctl'
}

function tokenOf({ tokenEnv }: RemoteConfig, runtime: CliRuntime): string | undefined {
  return tokenEnv === undefined ? nonEmpty(runtime.env.PROMPT_REGISTRY_TOKEN) : secret(tokenEnv, runtime)
}
