import { readFile } from 'node:fs/promises'
import { dirname, posix, resolve } from 'node:path'
import { z } from 'zod'
import { promptIdProblem } from '../api/contract/prompt-id.ts'
import { ConfigError, readYaml } from './configuration/yaml-document.ts'
import { durationProblem, windowProblem } from './plan/freeze.ts'
import { patternProblem } from './releases/release-patterns.ts'
import { reportsProblem } from './report/reports-problem.ts'
import { scheduleProblem } from './trigger/schedule.ts'
import { WEBHOOK_HOST_NAMES } from './trigger/webhook/hosts.ts'
import { VerifySchema, verifyProblem, withKeyFiles } from './verification/settings.ts'

export { ConfigError }

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_" or "-"')
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
const globs = z.array(z.string().min(1)).min(1)
const checked = (problem: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const message = problem(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

/** What a repository may say of itself in its own file, too. */
export const layoutFields = {
  directories: z.array(checked(directoryProblem)).min(1).describe('Where prompts lie, from the root.'),
  include: globs.describe('Patterns of prompt files, below a directory.'),
  exclude: z.array(z.string().min(1)).describe('Patterns of files that are none, below a directory.'),
}

const FreezeSchema = z
  .strictObject({
    cron: z.string().min(1).describe('When the window begins, such as "0 18 * * 5".'),
    timeZone: z.string().min(1).default('UTC').describe('Such as Europe/Berlin.'),
    duration: checked(durationProblem).describe('Such as 90m, 60h or 3d.'),
  })
  .superRefine((window, context) => {
    const message = windowProblem(window)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

const MassChangeSchema = z.strictObject({
  share: z.number().gt(0).max(1).default(0.5).describe("Of the source's prompts."),
  least: z.int().min(1).default(10).describe('Fewer prompts than this are never a mass.'),
})

const PasswordSchema = z.strictObject({
  username: z.string().optional(),
  passwordEnv: variable.describe('The variable with the password, or with a token of the host.'),
})

const GitHubAppSchema = z.strictObject({
  appId: z.union([z.int().min(1), z.string().regex(/^[\w.]+$/, 'must be the id of a GitHub App')]),
  privateKeyEnv: variable.describe("The variable with the App's private key, as PEM."),
  installationId: z.int().min(1).optional().describe('Absent: looked up for the repository.'),
})

const ReportsSchema = z.strictObject({
  statuses: z.boolean().default(false).describe('Whether commits and release tags get a commit status.'),
  pullRequests: z
    .boolean()
    .default(false)
    .describe('Whether a comment on each open pull request says what it would change.'),
  forks: z
    .boolean()
    .default(false)
    .describe('Whether pull requests of forks get one too, which anybody may open.'),
  environment: name
    .optional()
    .describe('Tells registries apart that report on one repository, such as staging.'),
  targetUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where a commit status leads.'),
  credentials: z
    .union([PasswordSchema, GitHubAppSchema])
    .optional()
    .describe('A token of GitHub or an App; absent: those of the source.'),
})

const SourceSchema = z.strictObject({
  name,
  repository: z.string().min(1).describe('A URL, or a local path.'),
  type: z
    .enum(['git', 'github'])
    .optional()
    .describe(
      "How it is read: by git, or by GitHub's interface. Absent: by the interface where only that can be, which is so for github.com inside Lambda, else by git.",
    ),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The REST interface of a GitHub Enterprise server, where its address does not tell it.'),
  branch: z.string().min(1).optional().describe("Absent: the remote's default branch."),
  directories: layoutFields.directories.default(['prompts']),
  include: layoutFields.include.default(['**/*.txt', '**/*.md']),
  exclude: layoutFields.exclude.default(['**/README.md']),
  repositoryLayout: z
    .boolean()
    .default(true)
    .describe('Whether the repository may refine its layout in its own .promptctl.yaml.'),
  idPrefix: checked(prefixProblem).default('').describe('What every prompt id begins with.'),
  schedule: checked(scheduleProblem)
    .default('1m')
    .describe('How often the repository is looked at: an interval, or a cron expression in UTC.'),
  releases: z
    .array(checked(patternProblem))
    .min(1)
    .default(['v{version}', '{id}@{version}', '{id}/v{version}'])
    .describe('Which tags are releases; the first pattern that parses wins.'),
  prereleases: z.boolean().default(false).describe('Whether pre-releases are promoted like releases.'),
  requireReachable: z
    .boolean()
    .default(true)
    .describe('Whether a tag counts only when its commit is on the branch.'),
  verify: VerifySchema.optional().describe('Whose signature a release tag needs; absent: none.'),
  backfill: z
    .int()
    .min(0)
    .max(10_000)
    .default(20)
    .describe('How many older releases of a prompt the first sync brings in.'),
  prune: z
    .boolean()
    .default(false)
    .describe('Whether a prompt that the branch and the newest release have no more goes out of service.'),
  suspended: z.boolean().default(false).describe('Passes only tell that they do nothing.'),
  freeze: z.array(FreezeSchema).default([]).describe('Times in which nothing is promoted.'),
  massChange: z
    .union([MassChangeSchema, z.literal(false)])
    .prefault({})
    .describe('When a pass would change so much at once that it waits for a person; false: never.'),
  /** Where the credentials for the repository are, if it needs any. */
  credentials: z.union([PasswordSchema, GitHubAppSchema]).optional(),
  reports: ReportsSchema.optional().describe('What is told on GitHub of passes over this source.'),
  /** Deliveries at `/webhooks/{name}` make the source's repository be looked at again at once. */
  webhook: z
    .strictObject({
      /** Who sends them; absent: whom the repository's address speaks of. */
      host: z.enum(WEBHOOK_HOST_NAMES).optional(),
      secretEnv: variable,
      /** The next secret, while it is being changed; not set at other times. */
      nextSecretEnv: variable.optional(),
    })
    .optional(),
})

const TokenSchema = z.strictObject({
  name,
  access: z.enum(['read', 'write', 'admin']),
  /** The sources that the bearer may act for. */
  sources: z.array(name).default([]),
  /** The environment variable that holds the token. */
  env: variable,
})

const RegistrySchema = z.union([
  z.strictObject({
    store: z.literal('sqlite').default('sqlite'),
    file: z.string().min(1).default('.promptctl/registry.db'),
    tokens: z.array(TokenSchema).default([]),
    allowedModes: z
      .array(z.enum(['simulation', 'dev', 'staging', 'production']))
      .min(1)
      .optional(),
    deprecatedPins: z.enum(['serve', 'block']).default('serve'),
  }),
  z.strictObject({ url: z.url(), tokenEnv: variable.optional() }),
  z.strictObject({
    function: z.string().min(1).describe('Name or ARN of the Lambda function of a registry.'),
    tokenEnv: variable.optional(),
  }),
])

export const ConfigSchema = z.strictObject({
  registry: RegistrySchema.prefault({}),
  /** Where repositories are kept, beside what else the controller needs to remember. */
  cache: z.string().min(1).default('.promptctl/cache'),
  sources: z.array(SourceSchema).default([]),
})

export type SourceConfig = z.output<typeof SourceSchema>
export type RegistryConfig = z.output<typeof RegistrySchema>
/** A registry in this process. */
export type EmbeddedConfig = Extract<RegistryConfig, { file: string }>
/** A registry elsewhere. */
export type RemoteConfig = Exclude<RegistryConfig, { file: string }>
export type TokenConfig = z.output<typeof TokenSchema>
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

function directoryProblem(directory: string): string | undefined {
  if (directory !== '' && !/^\/|^\.\.(\/|$)/.test(posix.normalize(directory))) return undefined
  return `"${directory}" is no directory of the repository; write its path from the root, such as "prompts" or ".".`
}

function prefixProblem(prefix: string): string | undefined {
  const problem = prefix === '' ? undefined : promptIdProblem(`${prefix}x`)
  return problem === undefined ? undefined : `"${prefix}" cannot begin a prompt id. ${problem}`
}
