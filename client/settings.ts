import { type Mode, parseMode } from '../api/contract/mode.ts'
import { ambient, type Environment } from './ambient.ts'
import { PromptResolutionError } from './errors.ts'
import { type Fetch, HTTP_AUTHS, type HttpAuth } from './transport/http.ts'
import type { Transport } from './transport/transport.ts'

/** What is not given is read from the variable; an empty variable counts as none. */
export interface ClientOptions {
  /** Name or ARN of the registry's Lambda function, invoked directly. `PROMPT_REGISTRY_FUNCTION`. */
  readonly functionName?: string | undefined
  /** Address of the registry. `PROMPT_REGISTRY_URL`. */
  readonly registryUrl?: string | undefined
  /**
   * `iam` signs requests to `registryUrl` with AWS credentials, `token` sends the token. When not given, requests
   * to Function URLs of AWS Lambda are signed. `PROMPT_REGISTRY_AUTH`.
   */
  readonly auth?: HttpAuth | undefined
  /** Bearer token for the registry. `PROMPT_REGISTRY_TOKEN`. */
  readonly token?: string | undefined
  /** Folder of prompt files for when no registry answers. `PROMPT_REGISTRY_LOCAL_DIR`. */
  readonly localDir?: string | undefined
  /**
   * `simulation`, `dev`, `staging` or `production`; also `backtest`, `paper`, `live`. `EXECUTION_MODE`. Without
   * one the registry answers as for production.
   */
  readonly mode?: string | undefined
  /** Milliseconds for one `get`, over all tiers; 10,000 when not given. `PROMPT_REGISTRY_TIMEOUT_MS`. */
  readonly timeoutMs?: number | undefined
  /** Another way to the registry than HTTP, such as `createInProcessTransport`; `registryUrl` and `functionName` are then not used. */
  readonly transport?: Transport | undefined
  /** References whose last good answer is kept in memory; 1,000 when not given. */
  readonly lastKnownEntries?: number | undefined
  readonly fetch?: Fetch | undefined
  readonly env?: Environment | undefined
  /** Milliseconds on any scale that never goes back. */
  readonly clock?: (() => number) | undefined
}

export interface Settings {
  readonly functionName: string | undefined
  readonly auth: HttpAuth | undefined
  /** The region of AWS that the process is in, where it says so. */
  readonly region: string | undefined
  readonly registryUrl: string | undefined
  readonly token: string | undefined
  readonly localDir: string | undefined
  readonly mode: Mode | undefined
  readonly timeoutMs: number
  readonly transport: Transport | undefined
  readonly lastKnownEntries: number
  readonly fetch: Fetch
  readonly clock: () => number
}

/** Options over variables over defaults. Throws `PromptResolutionError` (`invalid_mode`, `invalid_configuration`). */
export function readSettings(options: ClientOptions): Settings {
  const env = options.env ?? ambient.env()
  const mode = options.mode ?? variable(env, 'EXECUTION_MODE')
  return {
    functionName: options.functionName ?? variable(env, 'PROMPT_REGISTRY_FUNCTION'),
    auth: options.auth ?? readAuth(variable(env, 'PROMPT_REGISTRY_AUTH')),
    region: variable(env, 'AWS_REGION') ?? variable(env, 'AWS_DEFAULT_REGION'),
    registryUrl: options.registryUrl ?? variable(env, 'PROMPT_REGISTRY_URL'),
    token: options.token ?? variable(env, 'PROMPT_REGISTRY_TOKEN'),
    localDir: options.localDir ?? variable(env, 'PROMPT_REGISTRY_LOCAL_DIR'),
    mode: mode === undefined ? undefined : readMode(mode),
    timeoutMs: readTimeout(options.timeoutMs, variable(env, 'PROMPT_REGISTRY_TIMEOUT_MS')),
    transport: options.transport,
    lastKnownEntries: options.lastKnownEntries ?? 1000,
    fetch: options.fetch ?? ambient.fetch,
    clock: options.clock ?? ambient.clock,
  }
}

/** Throws `invalid_mode`. */
export function readMode(text: string): Mode {
  try {
    return parseMode(text)
  } catch (cause) {
    throw new PromptResolutionError('invalid_mode', cause instanceof Error ? cause.message : text, { cause })
  }
}

function readAuth(text: string | undefined): HttpAuth | undefined {
  const auth = HTTP_AUTHS.find((known) => known === text)
  if (auth !== undefined || text === undefined) return auth
  throw new PromptResolutionError(
    'invalid_configuration',
    `PROMPT_REGISTRY_AUTH ("${text}") must be one of ${HTTP_AUTHS.join(', ')}.`,
  )
}

function readTimeout(option: number | undefined, text: string | undefined): number {
  const timeoutMs = option ?? Number(text ?? 10_000)
  if (timeoutMs > 0) return timeoutMs
  const what = option === undefined ? `PROMPT_REGISTRY_TIMEOUT_MS ("${text}")` : `timeoutMs (${option})`
  throw new PromptResolutionError(
    'invalid_configuration',
    `${what} must be a number of milliseconds above 0.`,
  )
}

function variable(env: Environment, name: string): string | undefined {
  const value = env[name]
  return value === '' ? undefined : value
}
