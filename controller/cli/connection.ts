import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { type EmbeddedRegistry, openEmbeddedRegistry } from '../../api/server.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { createInProcessTransport } from '../../client/transport/in-process.ts'
import type { Transport } from '../../client/transport/transport.ts'
import { type Config, ConfigError, defaultConfig, type RegistryConfig, readConfig } from '../config.ts'
import { UsageError } from './context.ts'
import { CommandError } from './failure.ts'
import type { CommonOptions } from './options.ts'
import type { World } from './world.ts'

const DEFAULT_CONFIG_FILE = 'promptctl.yaml'
/** A batch of a hundred writes to a busy registry takes its time. */
const TIMEOUT_MS = 60_000

type EmbeddedConfig = Extract<RegistryConfig, { file: string }>

/** A way to the registry, however it is reached. */
export interface Connection {
  readonly api: RegistryApi
  /** Where it is, for messages. */
  readonly where: string
  close(): void
}

/**
 * What becomes of an embedded registry whose file is not there yet: it is made, which is for writers; or it is an
 * error, since a reader has nothing to read; or it is an empty one that leaves no file behind, for a preview.
 */
export type Missing = 'make' | 'refuse' | 'pretend'

/** The configuration that the options name, else `promptctl.yaml`, else that of a folder without one. */
export async function loadConfig(options: CommonOptions, world: World): Promise<Config> {
  const file = resolve(world.cwd, options.config ?? DEFAULT_CONFIG_FILE)
  if (await exists(file)) return await readConfig(file)
  if (options.config === undefined) return defaultConfig(world.cwd)
  throw new ConfigError(`There is no configuration ${file}; check what --config names.`)
}

/** The registry of `--registry` or `PROMPT_REGISTRY_URL`, else that of the configuration. */
export async function connect(
  options: CommonOptions,
  world: World,
  { missing = 'make', signal }: { readonly missing?: Missing; readonly signal?: AbortSignal } = {},
): Promise<Connection> {
  const url = options.registry ?? nonEmpty(world.env.PROMPT_REGISTRY_URL)
  // A configuration that was asked for must be usable, even where only its sources are.
  const config = url === undefined || options.config !== undefined ? await loadConfig(options, world) : null
  if (url !== undefined) return remote(url, nonEmpty(world.env.PROMPT_REGISTRY_TOKEN), signal)
  const registry = config?.registry ?? defaultConfig(world.cwd).registry
  return connectTo('url' in registry ? registry : await withFile(registry, missing), world, signal)
}

/** Works on the registry, gives up when the process is asked to end, and lets go of the registry in any case. */
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

/** The registry of a configuration. */
export function connectTo(registry: RegistryConfig, world: World, signal?: AbortSignal): Connection {
  if ('url' in registry) return remote(registry.url, tokenOf(registry, world), signal)
  // Tokens are for those who ask over HTTP; whoever has the file needs none.
  const embedded = openEmbedded({ ...registry, tokens: [] }, world)
  const api = apiOf(embedded, actorOf(world), signal)
  return { api, where: registry.file, close: () => embedded.close() }
}

export function openEmbedded(registry: EmbeddedConfig, world: World): EmbeddedRegistry {
  const tokens = registry.tokens.map(({ name, access, sources, env }) => ({
    name,
    access,
    sources,
    token: secret(env, world),
  }))
  const { file, allowedModes, deprecatedPins } = registry
  const log = {
    error: (message: string, facts: object) =>
      void world.stderr.write(`${JSON.stringify({ level: 'error', message, ...facts })}\n`),
  }
  try {
    return openEmbeddedRegistry({ file, tokens, allowedModes, deprecatedPins, log })
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    throw new CommandError(
      'unusable_registry',
      `The registry ${file} cannot be opened: ${(cause as Error).message}. Check "registry.file" in the configuration and the rights on the file.`,
      { cause },
    )
  }
}

/** The operations of a registry in this process; whoever can open its file is its admin. */
export function apiOf(embedded: EmbeddedRegistry, actor: string, signal?: AbortSignal): RegistryApi {
  const handler = embedded.handlerFor({ actor, access: 'admin', sources: 'any' })
  return createRegistryApi(endedBy(signal, createInProcessTransport(handler, { timeoutMs: TIMEOUT_MS })))
}

function remote(url: string, token: string | undefined, signal?: AbortSignal): Connection {
  const transport = httpTransport(url, token)
  return { api: createRegistryApi(endedBy(signal, transport)), where: url, close: () => {} }
}

function httpTransport(url: string, token: string | undefined): Transport {
  try {
    return createHttpTransport({ url, token, timeoutMs: TIMEOUT_MS, fetch })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function endedBy(signal: AbortSignal | undefined, transport: Transport): Transport {
  if (signal === undefined) return transport
  return { send: (request, options) => transport.send(request, { signal, ...options }) }
}

async function withFile(registry: EmbeddedConfig, missing: Missing): Promise<EmbeddedConfig> {
  if (missing === 'make' || (await exists(registry.file))) return registry
  if (missing === 'pretend') return { ...registry, file: ':memory:' }
  throw new CommandError(
    'no_registry',
    `There is no registry at ${registry.file}; run promptctl serve or promptctl sync first, or name another one with --config or --registry.`,
  )
}

/** Who acts on a registry file: its events should name a person where the system knows one. */
function actorOf({ env }: World): string {
  const user = env.USER ?? env.USERNAME
  return user !== undefined && /^[\w.@-]{1,64}$/.test(user) ? `promptctl/${user}` : 'promptctl'
}

function tokenOf(registry: Extract<RegistryConfig, { url: string }>, world: World): string | undefined {
  const { tokenEnv } = registry
  return tokenEnv === undefined ? nonEmpty(world.env.PROMPT_REGISTRY_TOKEN) : secret(tokenEnv, world)
}

/** Throws `ConfigError` where the variable is not set. */
export function secret(variable: string, world: World): string {
  const value = nonEmpty(world.env[variable])
  if (value !== undefined) return value
  throw new ConfigError(
    `The configuration takes a secret from the variable ${variable}, which is not set; set it and try again.`,
  )
}

/** An empty variable is one that was switched off. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
