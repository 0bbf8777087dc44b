import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { RegistrySchema } from './configuration/registry-schema.ts'
import { type SourceConfig, SourceSchema } from './configuration/source-schema.ts'
import { ConfigError, readYaml } from './configuration/yaml-document.ts'
import { reportsProblem } from './report/reports-problem.ts'
import { verifyProblem, withKeyFiles } from './verification/settings.ts'

export type {
  EmbeddedConfig,
  RegistryConfig,
  RemoteConfig,
  TokenConfig,
} from './configuration/registry-schema.ts'
export type { SourceConfig } from './configuration/source-schema.ts'
export { ConfigError }

export const ConfigSchema = z.strictObject({
  registry: RegistrySchema.prefault({}),
  /** Where repositories are kept, beside what else the controller needs to remember. */
  cache: z.string().min(1).default('.promptctl/cache'),
  sources: z.array(SourceSchema).default([]),
})

export type Config = z.output<typeof ConfigSchema>

/** Reads `promptctl.yaml`; relative paths in it count from its own folder. Throws `ConfigError`. */
export async function readConfig(file: string): Promise<Config> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`Cannot read the configuration ${file}: ${(cause as Error).message}`, { cause })
  }
  const folder = dirname(resolve(file))
  const read = readYaml(text, ConfigSchema, file)
  const sources = read.sources.map((source) => withVerifyKeys(source, folder, file))
  return withAbsolutePaths(checkedConfig({ ...read, sources: await Promise.all(sources) }, file), folder)
}

/** A document without files beside it; `file` is only for messages. Throws `ConfigError`. */
export function parseConfig(text: string, file: string): Config {
  return checkedConfig(readYaml(text, ConfigSchema, file), file)
}

function checkedConfig(config: Config, file: string): Config {
  refuseTwice(config.sources, file)
  for (const { name, verify } of config.sources) {
    const problem = verify && verifyProblem(name, verify)
    if (problem !== undefined) throw new ConfigError(`${file}: ${problem}`)
  }
  for (const source of config.sources) {
    const problem = reportsProblem(source)
    if (problem !== undefined) throw new ConfigError(`${file}: ${problem}`)
  }
  return config
}

/** The configuration of a folder that has none: an embedded registry without sources. */
export function defaultConfig(folder: string): Config {
  return withAbsolutePaths(ConfigSchema.parse({}), resolve(folder))
}

function withAbsolutePaths(config: Config, folder: string): Config {
  const registry =
    'file' in config.registry
      ? { ...config.registry, file: resolve(folder, config.registry.file) }
      : config.registry
  const sources = config.sources.map((source) => ({
    ...source,
    repository: source.type === 'github' ? source.repository : absoluteRepository(source.repository, folder),
  }))
  return { ...config, registry, sources, cache: resolve(folder, config.cache) }
}

async function withVerifyKeys(source: SourceConfig, folder: string, file: string): Promise<SourceConfig> {
  const { name, verify } = source
  if (verify === undefined) return source
  const problem = (cause: Error) => {
    const message = `${file}: a file that "verify" of the source "${name}" names cannot be read: ${cause.message}`
    return Promise.reject(new ConfigError(message, { cause }))
  }
  return { ...source, verify: await withKeyFiles(verify, folder).catch(problem) }
}

/** As git has it: a URL has a scheme, another machine a colon before the first slash, and the rest is a path. */
function absoluteRepository(repository: string, folder: string): string {
  return /^([A-Za-z][A-Za-z0-9+.-]*:\/\/|[^/]+:)/.test(repository) ? repository : resolve(folder, repository)
}

function refuseTwice(sources: readonly SourceConfig[], file: string): void {
  const names = sources.map((source) => source.name)
  const twice = names.find((one, index) => names.indexOf(one) !== index)
  if (twice !== undefined)
    throw new ConfigError(`${file}: two sources are named "${twice}"; give each its own name.`)
}
