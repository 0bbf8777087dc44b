import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { PromotesFromSchema } from '../evidence/promotes-from.ts'
import { RequirementSchema } from '../evidence/requirement.ts'
import { variable } from '../values/fields.ts'
import { NOTIFIED } from '../values/notified.ts'
import { ConfigError, readYaml } from '../values/yaml-document.ts'
import { verifyProblem, withKeyFiles } from '../verification/settings.ts'
import { RegistrySchema } from './registry-schema.ts'
import { reportsProblem } from './reports-problem.ts'
import { type SourceConfig, SourceSchema } from './source-schema.ts'

export type {
  EmbeddedConfig,
  RegistryConfig,
  RemoteConfig,
  TokenConfig,
} from './registry-schema.ts'
export type { SourceConfig } from './source-schema.ts'
export { ConfigError }

const MetricsSchema = z.strictObject({
  port: z.int().min(0).max(65_535).describe('Port to listen on; 0 for any free port.'),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
})

const NotifySchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), 'must not have a user name or a password')
    .describe('URL that receives CloudEvents in signed requests (Standard Webhooks).'),
  secretEnv: variable.describe(
    'Environment variable with the signing secret, whsec_ and 24 to 64 bytes in base64.',
  ),
  events: z
    .array(z.enum(NOTIFIED))
    .min(1)
    .default([...NOTIFIED])
    .describe('The events to send.'),
})

export const ConfigSchema = z.strictObject({
  registry: RegistrySchema.prefault({}),
  /** Directory for cloned repositories and the controller's own state. */
  cache: z.string().min(1).default('.promptctl/cache'),
  sources: z.array(SourceSchema).default([]),
  require: z
    .array(RequirementSchema)
    .default([])
    .describe('Evidence that releases of every source need before they are promoted.'),
  promotesFrom: PromotesFromSchema.optional().describe(
    'Where a release of any source must have served before it is promoted here. Default: nowhere.',
  ),
  metrics: MetricsSchema.optional().describe(
    'Serve the metrics at an address of their own, without a token.',
  ),
  proof: z
    .union([
      z.strictObject({
        keyEnv: variable.describe(
          'Environment variable with the private key, as PEM: Ed25519, or ECDSA on P-256.',
        ),
      }),
      z.strictObject({
        kms: z
          .string()
          .regex(
            /^arn:[^:]+:kms:[^:]+:\d{12}:key\/[A-Za-z0-9-]+$/,
            'must be the ARN of a key of AWS KMS, not of an alias',
          )
          .describe('ARN of a key of AWS KMS: ECC_NIST_P256, for SIGN_VERIFY.'),
      }),
    ])
    .optional()
    .describe('Sign the set of each release, so that clients can verify it.'),
  notify: z.array(NotifySchema).default([]).describe('Receivers of events.'),
})

export type Config = z.output<typeof ConfigSchema>

/** Reads `promptctl.yaml`. Relative paths are resolved against its folder. Throws `ConfigError`. */
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

/** Parses a document that cannot refer to other files. `file` is for error messages only. Throws `ConfigError`. */
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
  const { require, promotesFrom } = config
  return {
    ...config,
    sources: config.sources.map((source) => ({
      ...source,
      ...(promotesFrom !== undefined && { promotesFrom: source.promotesFrom ?? promotesFrom }),
      require: [...require, ...source.require],
    })),
  }
}

/** The configuration for a folder without `promptctl.yaml`: an embedded registry and no sources. */
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
    const message = `${file}: cannot read a file listed under "verify" of source "${name}": ${cause.message}`
    return Promise.reject(new ConfigError(message, { cause }))
  }
  return { ...source, verify: await withKeyFiles(verify, folder).catch(problem) }
}

/** Git's own rule: `scheme://` is a URL, a colon before the first slash is an SSH address, the rest is a path. */
function absoluteRepository(repository: string, folder: string): string {
  return /^([A-Za-z][A-Za-z0-9+.-]*:\/\/|[^/]+:)/.test(repository) ? repository : resolve(folder, repository)
}

function refuseTwice(sources: readonly SourceConfig[], file: string): void {
  const names = sources.map((source) => source.name)
  const twice = names.find((one, index) => names.indexOf(one) !== index)
  if (twice !== undefined)
    throw new ConfigError(`${file}: two sources are named "${twice}". Use a different name for each.`)
}
