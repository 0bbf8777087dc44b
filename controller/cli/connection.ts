import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { createLambdaTransport } from '../../client/transport/lambda.ts'
import type { Transport } from '../../client/transport/transport.ts'
import {
  type Config,
  ConfigError,
  defaultConfig,
  type EmbeddedConfig,
  type RegistryConfig,
  type RemoteConfig,
  readConfig,
} from '../configuration/config.ts'
import { nonEmpty, secret } from '../configuration/secret.ts'
import { UsageError } from './context.ts'
import { apiOf, endedBy, openEmbedded, TIMEOUT_MS } from './embedded.ts'
import { CommandError } from './failure.ts'
import type { CommonOptions } from './options.ts'
import type { World } from './world.ts'

const DEFAULT_CONFIG_FILE = 'promptctl.yaml'

/** A connection to an embedded or a remote registry. */
export interface Connection {
  readonly api: RegistryApi
  /** The file, URL or function, for messages. */
  readonly where: string
  close(): void
}

/**
 * What to do if the file of an embedded registry does not exist: create it (`make`, for writers), fail (`refuse`,
 * for readers), or use an empty registry in memory (`pretend`, for previews).
 */
export type Missing = 'make' | 'refuse' | 'pretend'

/** Reads the file of `--config`, else `promptctl.yaml`, else returns the defaults. Throws `ConfigError`. */
export async function loadConfig(options: CommonOptions, world: World): Promise<Config> {
  const file = resolve(world.cwd, options.config ?? DEFAULT_CONFIG_FILE)
  if (await exists(file)) return await readConfig(file)
  if (options.config === undefined) return defaultConfig(world.cwd)
  throw new ConfigError(`Configuration file ${file} does not exist. Check --config.`)
}

/** Connects to the registry of `--registry`, `PROMPT_REGISTRY_URL` or the configuration, in this order. */
export async function connect(
  options: CommonOptions,
  world: World,
  { missing = 'make', signal }: { readonly missing?: Missing; readonly signal?: AbortSignal } = {},
): Promise<Connection> {
  const url = options.registry ?? nonEmpty(world.env.PROMPT_REGISTRY_URL)
  // The file of --config must be valid even if its registry is not used.
  const config = url === undefined || options.config !== undefined ? await loadConfig(options, world) : null
  if (url !== undefined) return remote({ url }, world, signal)
  const registry = config?.registry ?? defaultConfig(world.cwd).registry
  return connectTo('file' in registry ? await withFile(registry, missing) : registry, world, signal)
}

/** Connects, runs `work` until the process is asked to stop, and always closes the connection. */
export async function withRegistry<T>(
  options: CommonOptions,
  world: World,
  use: 'read' | 'write',
  work: (api: RegistryApi) => Promise<T>,
): Promise<T> {
  const missing = use === 'read' ? 'refuse' : 'make'
  const connection = await connect(options, world, { missing, signal: world.signal })
  try {
    return await work(connection.api)
  } finally {
    connection.close()
  }
}

/** Connects to the configured registry. */
export function connectTo(registry: RegistryConfig, world: World, signal?: AbortSignal): Connection {
  if (!('file' in registry)) return remote(registry, world, signal)
  // Tokens protect HTTP only: file access is enough here.
  const embedded = openEmbedded({ ...registry, tokens: [] }, world)
  const api = apiOf(embedded, actorOf(world), signal)
  return { api, where: registry.file, close: () => embedded.close() }
}

function remote(registry: RemoteConfig, world: World, signal?: AbortSignal): Connection {
  const { transport, where } = remoteTransport(registry, world)
  return { api: createRegistryApi(endedBy(signal, transport)), where, close: () => {} }
}

function remoteTransport(registry: RemoteConfig, world: World): { transport: Transport; where: string } {
  const token = tokenOf(registry, world)
  if ('url' in registry) return { transport: httpTransport(registry.url, token, world), where: registry.url }
  const functionName = registry.function
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const transport = createLambdaTransport({ functionName, headers, timeoutMs: TIMEOUT_MS })
  return { transport, where: `the function ${functionName}` }
}

function httpTransport(url: string, token: string | undefined, { env, fetch }: World): Transport {
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
export function actorOf({ env }: World): string {
  const user = env.USER ?? env.USERNAME
  return user !== undefined && /^[\w.@-]{1,64}$/.test(user) ? `promptctl/${user}` : 'promptctl'
}

function tokenOf({ tokenEnv }: RemoteConfig, world: World): string | undefined {
  return tokenEnv === undefined ? nonEmpty(world.env.PROMPT_REGISTRY_TOKEN) : secret(tokenEnv, world)
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
