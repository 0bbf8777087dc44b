import type { Mode } from '../api/contract/mode.ts'
import type { TemplateEngine } from './rendering/engine.ts'
import type { HttpAuth } from './transport/authorization.ts'
import type { Fetch } from './transport/http-sender.ts'
import type { SetTimer } from './transport/timer.ts'
import type { Token } from './transport/token.ts'
import type { Transport } from './transport/transport.ts'

/**
 * The execution mode: `simulation` and `dev` see drafts. `backtest`, `paper` and `live` are other names.
 *
 * @example
 * ```ts
 * const client = new PromptRegistryClient({ mode: 'staging' })
 * ```
 */
export type ModeName = Mode | 'backtest' | 'paper' | 'live'

/**
 * An option that is missing is read from its variable; an empty variable counts as missing.
 *
 * @example
 * ```ts
 * const client = new PromptRegistryClient({
 *   registryUrl: 'https://prompts.example.com',
 *   localDir: 'prompts',
 *   snapshot: { file: '/tmp/prompts.snapshot' },
 * })
 * ```
 */
export interface ClientOptions {
  /** Name or ARN of the registry's Lambda function, invoked directly. `PROMPT_REGISTRY_FUNCTION`. */
  readonly functionName?: string | undefined
  /** Address of the registry. `PROMPT_REGISTRY_URL`. */
  readonly registryUrl?: string | undefined
  /**
   * `iam` signs requests to `registryUrl` with AWS credentials, `token` sends the token (default: `iam` for Function
   * URLs of AWS Lambda). `PROMPT_REGISTRY_AUTH`.
   */
  readonly auth?: HttpAuth | undefined
  /**
   * The name under which the registry counts the reads of this process, such as `triage-agent`: lower-case letters and
   * digits, with `.`, `_`, `/` or `-` between parts. Everybody who may read sees it. `PROMPT_REGISTRY_APPLICATION`.
   */
  readonly application?: string | undefined
  /** Bearer token, or a function that returns it and is called again after a 401. `PROMPT_REGISTRY_TOKEN`. */
  readonly token?: Token | undefined
  /** Folder of prompt files for when no registry has a prompt. `PROMPT_REGISTRY_LOCAL_DIR`. */
  readonly localDir?: string | undefined
  /**
   * False: a prompt that the registry does not have, or has never released, is not read from `localDir`, which is
   * then for outages only (default: true).
   */
  readonly localDraft?: boolean | undefined
  /** What this process may see (default: the registry answers as for production). `EXECUTION_MODE`. */
  readonly mode?: ModeName | undefined
  /** Milliseconds for one call over all tiers, bodies included (default: 10,000). `PROMPT_REGISTRY_TIMEOUT_MS`. */
  readonly timeoutMs?: number | undefined
  /**
   * Milliseconds for which a known text is used without a request (default: 60,000). Afterwards it is used once more
   * while one request runs in the background. `0` asks at every call. `PROMPT_REGISTRY_TTL_MS`.
   */
  readonly ttlMs?: number | undefined
  /**
   * Age in milliseconds from which a known text is asked for first, for at most one second (default: ten times
   * `ttlMs`). `PROMPT_REGISTRY_STALE_FOR_MS`.
   */
  readonly staleForMs?: number | undefined
  /** References that are kept in memory (default: 1,000). */
  readonly maxEntries?: number | undefined
  /** Bytes that their texts may take (default: 32 MiB). */
  readonly maxBytes?: number | undefined
  /** Keeps the last known good answers in a file, for the next start. `PROMPT_REGISTRY_SNAPSHOT`. */
  readonly snapshot?: { readonly file: string } | undefined
  /** A file of `promptctl export --bundle`, for a start without a registry. `PROMPT_REGISTRY_BUNDLE`. */
  readonly bundle?: { readonly file: string } | undefined
  /**
   * `require`: serve only prompts that a signed set proves, from every tier. Needs `keys`. `PROMPT_REGISTRY_VERIFY`.
   */
  readonly verify?: 'require' | undefined
  /** Public keys that sign the sets of releases: lines of OpenSSH, or PEM. `PROMPT_REGISTRY_KEYS`. */
  readonly keys?: readonly string[] | undefined
  /** Public keys that sign sets derived by hand, such as by a rollback. `PROMPT_REGISTRY_EMERGENCY_KEYS`. */
  readonly emergencyKeys?: readonly string[] | undefined
  /** Another way to the registry; `registryUrl` and `functionName` are then not used. */
  readonly transport?: Transport | undefined
  /** Template languages of other packages, for `render`: `handlebars`, `jinja`, `liquid`. */
  readonly engines?: readonly TemplateEngine[] | undefined
  /** Default: a pool of sockets, where there are sockets; else the global `fetch`. */
  readonly fetch?: Fetch | undefined
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Milliseconds on any scale that never goes back. */
  readonly clock?: (() => number) | undefined
  /** Milliseconds since 1970, for snapshots. */
  readonly now?: (() => number) | undefined
  readonly setTimer?: SetTimer | undefined
  /** From 0 to 1, for the pauses between retries. */
  readonly random?: (() => number) | undefined
}

/** Every option once; the compiler compares it with `ClientOptions`. */
const EVERY_OPTION: Readonly<Record<keyof ClientOptions, true>> = {
  functionName: true,
  registryUrl: true,
  auth: true,
  application: true,
  token: true,
  localDir: true,
  localDraft: true,
  mode: true,
  timeoutMs: true,
  ttlMs: true,
  staleForMs: true,
  maxEntries: true,
  maxBytes: true,
  snapshot: true,
  bundle: true,
  verify: true,
  keys: true,
  emergencyKeys: true,
  transport: true,
  engines: true,
  fetch: true,
  env: true,
  clock: true,
  now: true,
  setTimer: true,
  random: true,
}
export const OPTION_NAMES: readonly string[] = Object.keys(EVERY_OPTION)

/**
 * For one call, instead of the client's own.
 *
 * @example
 * ```ts
 * const fresh = await client.get('support/triage', { ttlMs: 0, signal: AbortSignal.timeout(500) })
 * ```
 */
export interface CallOptions {
  readonly mode?: ModeName | undefined
  readonly ttlMs?: number | undefined
  /** Stops waiting. Other callers keep waiting for the same request. */
  readonly signal?: AbortSignal | undefined
}
export const CALL_OPTION_NAMES: readonly string[] = ['mode', 'ttlMs', 'signal']
