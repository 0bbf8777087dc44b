import { applicationProblem } from '../api/contract/application.ts'
import type { Environment } from '../api/contract/environment.ts'
import { LIMITS } from '../api/contract/limits.ts'
import { type Mode, parseMode } from '../api/contract/mode.ts'
import { PromptResolutionError } from './errors.ts'
import { keyTexts } from './key-texts.ts'
import type { ClientOptions, ModeName } from './options.ts'
import { OPTION_NAMES } from './options.ts'
import { HTTP_AUTHS, type HttpAuth } from './transport/authorization.ts'
import type { KeyTexts } from './verification.ts'

/** The settings after options, variables and defaults are merged. */
export type Settings = Pick<
  ClientOptions,
  'token' | 'functionName' | 'registryUrl' | 'localDir' | 'transport' | 'application'
> & {
  readonly auth: HttpAuth | undefined
  /** The AWS region of the process, if it is set. */
  readonly region: string | undefined
  readonly mode: Mode | undefined
  readonly timeoutMs: number
  readonly ttlMs: number
  readonly staleForMs: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly localDraft: boolean
  readonly snapshotFile: string | undefined
  readonly bundleFile: string | undefined
  /** `undefined`: nothing is verified. */
  readonly keys: KeyTexts | undefined
}

const SNAPSHOT_KEYS: readonly string[] = ['file']

/** Options over variables over defaults. Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
export function readSettings(options: ClientOptions, env: Environment): Settings {
  checkNames('option', options, OPTION_NAMES)
  checkNames('option of "snapshot"', options.snapshot ?? {}, SNAPSHOT_KEYS)
  checkNames('option of "bundle"', options.bundle ?? {}, SNAPSHOT_KEYS)
  const variable = (name: string) => (env[name] === '' ? undefined : env[name])
  const number = (name: 'timeoutMs' | 'ttlMs' | 'staleForMs', least: number) =>
    readNumber(name, options[name], variable(VARIABLES[name]), least)
  const mode = options.mode ?? variable('EXECUTION_MODE')
  const ttlMs = number('ttlMs', 0) ?? 60_000
  return {
    functionName: options.functionName ?? variable('PROMPT_REGISTRY_FUNCTION'),
    registryUrl: options.registryUrl ?? variable('PROMPT_REGISTRY_URL'),
    application: readApplication(options.application ?? variable('PROMPT_REGISTRY_APPLICATION')),
    auth: readAuth(options.auth ?? variable('PROMPT_REGISTRY_AUTH')),
    region: variable('AWS_REGION') ?? variable('AWS_DEFAULT_REGION'),
    token: options.token ?? variable('PROMPT_REGISTRY_TOKEN'),
    localDir: options.localDir ?? variable('PROMPT_REGISTRY_LOCAL_DIR'),
    mode: mode === undefined ? undefined : readMode(mode),
    timeoutMs: number('timeoutMs', 1) ?? 10_000,
    ttlMs,
    staleForMs: number('staleForMs', 0) ?? 10 * ttlMs,
    transport: options.transport,
    maxEntries: options.maxEntries ?? 1000,
    maxBytes: options.maxBytes ?? 128 * LIMITS.contentBytes,
    localDraft: options.localDraft ?? true,
    snapshotFile: options.snapshot?.file ?? variable('PROMPT_REGISTRY_SNAPSHOT'),
    bundleFile: options.bundle?.file ?? variable('PROMPT_REGISTRY_BUNDLE'),
    keys: readKeys(options, variable),
  }
}

/** Throws `invalid_configuration`. The keys themselves are read when they are first needed. */
function readKeys(
  options: ClientOptions,
  variable: (name: string) => string | undefined,
): KeyTexts | undefined {
  const verify = options.verify ?? variable('PROMPT_REGISTRY_VERIFY')
  const release = options.keys ?? keyTexts(variable('PROMPT_REGISTRY_KEYS'))
  const emergency = options.emergencyKeys ?? keyTexts(variable('PROMPT_REGISTRY_EMERGENCY_KEYS'))
  if (verify === 'require' && release.length > 0) return { release, emergency }
  if (verify === undefined && release.length + emergency.length === 0) return undefined
  throw new PromptResolutionError(
    'invalid_configuration',
    verify === undefined || verify === 'require'
      ? 'The options verify and keys need each other: verify is "require", keys a list of public keys.'
      : `verify ("${verify}") must be "require".`,
  )
}

const VARIABLES = {
  timeoutMs: 'PROMPT_REGISTRY_TIMEOUT_MS',
  ttlMs: 'PROMPT_REGISTRY_TTL_MS',
  staleForMs: 'PROMPT_REGISTRY_STALE_FOR_MS',
} as const

function readApplication(name: string | undefined): string | undefined {
  const problem = name === undefined ? undefined : applicationProblem(name)
  if (problem === undefined) return name
  throw new PromptResolutionError('invalid_configuration', problem)
}

/** `PRODUCTION ` is `production`. Throws `invalid_mode`. */
export function readMode(text: ModeName | (string & {})): Mode {
  try {
    return parseMode(String(text).trim().toLowerCase())
  } catch (cause) {
    throw new PromptResolutionError('invalid_mode', cause instanceof Error ? cause.message : text, { cause })
  }
}

/** A misspelt option would silently be its default. Throws `invalid_configuration`. */
export function checkNames(what: string, given: object, names: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new PromptResolutionError(
    'invalid_configuration',
    `"${unknown}" is not an ${what}; the known ones are ${names.join(', ')}.`,
  )
}

/** Milliseconds of an option or its variable. Throws `invalid_configuration`. */
function readNumber(
  name: keyof typeof VARIABLES,
  option: number | undefined,
  text: string | undefined,
  least: number,
): number | undefined {
  const value = option ?? (text === undefined ? undefined : Number(text))
  if (value === undefined || value >= least) return value
  const what = option === undefined ? `${VARIABLES[name]} ("${text}")` : `${name} (${option})`
  throw new PromptResolutionError(
    'invalid_configuration',
    `${what} must be a number of milliseconds, at least ${least}.`,
  )
}

function readAuth(text: string | undefined): HttpAuth | undefined {
  const auth = HTTP_AUTHS.find((known) => known === text)
  if (auth !== undefined || text === undefined) return auth
  throw new PromptResolutionError(
    'invalid_configuration',
    `PROMPT_REGISTRY_AUTH ("${text}") must be one of ${HTTP_AUTHS.join(', ')}.`,
  )
}
