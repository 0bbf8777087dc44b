import { type Command, InvalidArgumentError } from 'commander'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { CliRuntime } from './cli-runtime.ts'
import { type Connection, connect } from './connection.ts'
import { UsageError } from './context.ts'
import type { CommonOptions } from './options.ts'

/** A registry, under the name that a table shows. */
export interface NamedRegistry {
  readonly name: string
  readonly api: RegistryApi
}

/** Another registry: a URL, or the `promptctl.yaml` of another installation. */
interface OtherRegistry {
  readonly name: string
  readonly at: string
}

export interface EnvironmentOptions extends CommonOptions {
  readonly name?: string
  readonly with?: readonly OtherRegistry[]
}

/** Notes for the help of commands with `withEnvironmentOptions`. */
export const ENVIRONMENT_NOTES = `Another registry is a URL, or the promptctl.yaml of another installation: staging=https://prompts.example.com. The token
of a registry with the name staging is in PROMPT_REGISTRY_TOKEN_STAGING, unless its promptctl.yaml names another variable.`

export function withEnvironmentOptions(command: Command): Command {
  return command
    .option('--with <registry>', 'Another registry, as name=URL or name=FILE (repeatable)', parseOther)
    .option('--name <name>', 'Name of this registry (default: its address)')
}

function parseOther(text: string, before: readonly OtherRegistry[] = []): readonly OtherRegistry[] {
  const [, name = '', at = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63})=(.+)$/.exec(text) ?? []
  if (at === '')
    throw new InvalidArgumentError('Give it a name, such as staging=https://prompts.example.com.')
  return [...before, { name, at }]
}

/** Connects to this registry and the others, runs `work`, and always closes the connections. */
export async function withEnvironments<T>(
  options: EnvironmentOptions,
  runtime: CliRuntime,
  work: (environments: readonly [NamedRegistry, ...NamedRegistry[]]) => Promise<T>,
): Promise<T> {
  const { with: others = [], name } = options
  const names = [...others.map((other) => other.name), ...(name === undefined ? [] : [name])]
  const twice = names.find((one, index) => names.indexOf(one) !== index)
  if (twice !== undefined)
    throw new UsageError(`Two registries have the name "${twice}". Give them different names.`)
  const opened: Connection[] = []
  const open = async (connecting: Promise<Connection>) => {
    const connection = await connecting
    opened.push(connection)
    return connection
  }
  try {
    const own = await open(connect(options, runtime, { missing: 'refuse', signal: runtime.signal }))
    const all: [NamedRegistry, ...NamedRegistry[]] = [{ name: name ?? own.where, api: own.api }]
    for (const other of others)
      all.push({ name: other.name, api: (await open(connectOther(other, runtime))).api })
    return await work(all)
  } finally {
    for (const connection of opened) connection.close()
  }
}

async function connectOther({ name, at }: OtherRegistry, runtime: CliRuntime): Promise<Connection> {
  const { env, signal } = runtime
  // The address and token of this registry are not those of others.
  const token = env[`PROMPT_REGISTRY_TOKEN_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`]
  const own = { ...env, PROMPT_REGISTRY_URL: undefined, PROMPT_REGISTRY_TOKEN: token }
  const options = /^https?:/.test(at) ? { registry: at } : { config: at }
  return await connect(options, { ...runtime, env: own }, { missing: 'refuse', signal })
}
