import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { type EmbeddedRegistry, openEmbeddedRegistry } from '../../api/server.ts'
import { createRegistryApi } from '../../client/registry-api.ts'
import { createHttpTransport } from '../../client/transport/http.ts'
import { createInProcessTransport } from '../../client/transport/in-process.ts'
import { type Config, ConfigError, defaultConfig, type RegistryConfig, readConfig } from '../config.ts'
import type { CommonOptions } from './options.ts'
import type { World } from './world.ts'

const DEFAULT_CONFIG_FILE = 'promptctl.yaml'
/** A batch of a hundred writes to a busy registry takes its time. */
const TIMEOUT_MS = 60_000

/** A way to the registry, however it is reached. */
export interface Connection {
  readonly api: RegistryApi
  /** Where it is, for messages. */
  readonly where: string
  close(): void
}

/** The configuration that the options name, else `promptctl.yaml`, else that of a folder without one. */
export async function loadConfig(options: CommonOptions, world: World): Promise<Config> {
  if (options.config !== undefined) return await readConfig(resolve(world.cwd, options.config))
  const file = join(world.cwd, DEFAULT_CONFIG_FILE)
  return (await exists(file)) ? await readConfig(file) : defaultConfig(world.cwd)
}

/** The registry of `--registry` or `PROMPT_REGISTRY_URL`, else that of the configuration. */
export async function connect(options: CommonOptions, world: World): Promise<Connection> {
  const url = options.registry ?? world.env.PROMPT_REGISTRY_URL
  if (url !== undefined) return remote(url, world.env.PROMPT_REGISTRY_TOKEN)
  const { registry } = await loadConfig(options, world)
  return connectTo(registry, world)
}

/** The registry of a configuration. */
export function connectTo(registry: RegistryConfig, world: World): Connection {
  if ('url' in registry) return remote(registry.url, tokenOf(registry, world))
  const embedded = openEmbedded(registry, world)
  return { api: apiOf(embedded, 'promptctl'), where: registry.file, close: () => embedded.close() }
}

export function openEmbedded(
  registry: Extract<RegistryConfig, { file: string }>,
  world: World,
): EmbeddedRegistry {
  return openEmbeddedRegistry({
    file: registry.file,
    tokens: registry.tokens.map(({ name, access, sources, env }) => ({
      name,
      access,
      sources,
      token: secret(env, world),
    })),
    allowedModes: registry.allowedModes,
    deprecatedPins: registry.deprecatedPins,
    log: {
      error: (message, facts) =>
        world.stderr.write(`${JSON.stringify({ level: 'error', message, ...facts })}\n`),
    },
  })
}

/** The operations of a registry in this process; whoever can open its file is its admin. */
export function apiOf(embedded: EmbeddedRegistry, actor: string): RegistryApi {
  const handler = embedded.handlerFor({ actor, access: 'admin', sources: 'any' })
  return createRegistryApi(createInProcessTransport(handler, { timeoutMs: TIMEOUT_MS }))
}

function remote(url: string, token: string | undefined): Connection {
  const transport = createHttpTransport({ url, token, timeoutMs: TIMEOUT_MS, fetch })
  return { api: createRegistryApi(transport), where: url, close: () => {} }
}

function tokenOf(registry: Extract<RegistryConfig, { url: string }>, world: World): string | undefined {
  return registry.tokenEnv === undefined ? world.env.PROMPT_REGISTRY_TOKEN : secret(registry.tokenEnv, world)
}

/** Throws `ConfigError` where the variable is not set. */
export function secret(variable: string, world: World): string {
  const value = world.env[variable]
  if (value !== undefined && value !== '') return value
  throw new ConfigError(
    `The configuration takes a secret from the variable ${variable}, which is not set; set it and try again.`,
  )
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}
