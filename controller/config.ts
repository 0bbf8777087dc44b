import { readFile } from 'node:fs/promises'
import { dirname, posix, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { promptIdProblem } from '../api/contract/prompt-id.ts'
import { patternProblem } from './release-patterns.ts'
import { scheduleProblem } from './trigger/schedule.ts'
import { WEBHOOK_HOST_NAMES } from './trigger/webhook/hosts.ts'

/** A configuration that cannot be used; `message` says where and what to write instead. */
export class ConfigError extends Error {
  readonly code = 'invalid_config'

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ConfigError'
  }
}

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

const SourceSchema = z.strictObject({
  name,
  repository: z.string().min(1),
  /** Absent: the remote's default branch. */
  branch: z.string().min(1).optional(),
  directories: z.array(checked(directoryProblem)).min(1).default(['prompts']),
  include: globs.default(['**/*.txt', '**/*.md']),
  exclude: z.array(z.string().min(1)).default(['**/README.md']),
  idPrefix: checked(prefixProblem).default(''),
  schedule: checked(scheduleProblem).default('1m'),
  releases: z
    .array(checked(patternProblem))
    .min(1)
    .default(['v{version}', '{id}@{version}', '{id}/v{version}']),
  /** Whether pre-releases are promoted like releases. */
  prereleases: z.boolean().default(false),
  requireReachable: z.boolean().default(true),
  backfill: z.int().min(0).max(10_000).default(20),
  /** Where the credentials for the repository are, if it needs any. */
  credentials: z.strictObject({ username: z.string().optional(), passwordEnv: variable }).optional(),
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
])

const ConfigSchema = z.strictObject({
  registry: RegistrySchema.prefault({}),
  /** Where repositories are kept, beside what else the controller needs to remember. */
  cache: z.string().min(1).default('.promptctl/cache'),
  sources: z.array(SourceSchema).default([]),
})

export type SourceConfig = z.output<typeof SourceSchema>
export type RegistryConfig = z.output<typeof RegistrySchema>
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
  return withAbsolutePaths(parseConfig(text, file), dirname(resolve(file)))
}

/** `file` is only for messages. Throws `ConfigError`. */
export function parseConfig(text: string, file: string): Config {
  const document = parseDocument(text)
  const [flaw] = document.errors
  if (flaw !== undefined)
    throw new ConfigError(`${file} is not valid YAML: ${flaw.message.split('\n')[0]?.replace(/:$/, '')}.`)
  const parsed = ConfigSchema.safeParse(withoutEmptyKeys(plainValue(document, file)))
  if (!parsed.success)
    throw new ConfigError(`${file}: ${parsed.error.issues.flatMap((issue) => issueTexts(issue)).join('; ')}`)
  refuseTwice(parsed.data.sources, file)
  return parsed.data
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
    repository: absoluteRepository(source.repository, folder),
  }))
  return { ...config, registry, sources, cache: resolve(folder, config.cache) }
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

function plainValue(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS() ?? {}
  } catch (cause) {
    throw new ConfigError(`${file} cannot be used: its YAML aliases multiply; write the values out.`, {
      cause,
    })
  }
}

/** A key whose entries are all commented out is as good as absent. */
function withoutEmptyKeys(document: unknown): unknown {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return document
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== null))
}

function directoryProblem(directory: string): string | undefined {
  if (directory !== '' && !/^\/|^\.\.(\/|$)/.test(posix.normalize(directory))) return undefined
  return `"${directory}" is no directory of the repository; write its path from the root, such as "prompts" or ".".`
}

function prefixProblem(prefix: string): string | undefined {
  const problem = prefix === '' ? undefined : promptIdProblem(`${prefix}x`)
  return problem === undefined ? undefined : `"${prefix}" cannot begin a prompt id. ${problem}`
}

/** Every flaw with its place. Of a choice, the flaws of the kind that was most likely meant. */
function issueTexts(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): string[] {
  const steps = [...above, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const strangers = (issues: readonly z.core.$ZodIssue[]) =>
      issues.filter(({ code }) => code === 'unrecognized_keys').length
    const [likeliest = []] = [...issue.errors].sort(
      (a, b) => strangers(a) - strangers(b) || a.length - b.length,
    )
    return likeliest.flatMap((inner) => issueTexts(inner, steps))
  }
  const path = steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return [`${path === '' ? 'the document' : path.slice(1)}: ${issue.message}`]
}
