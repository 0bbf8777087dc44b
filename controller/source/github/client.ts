import type { Quota } from '../git-source.ts'
import { sourceError } from '../source-error.ts'
import { type Address, parseAddress } from './address.ts'
import { createApi, type GitHubApi } from './api.ts'
import type { GitHubAuth } from './authorization.ts'
import { type GitHubLimits, LIMITS } from './limits.ts'
import { createGate } from './rate-limit.ts'
import { createSecrets, type KnownSecrets } from './secrets.ts'
import { createTransport, type HttpFetch } from './transport.ts'
import { watchedFetch } from './watched-fetch.ts'

export interface GitHubClientOptions {
  /** `owner/name`, or any address of the repository on GitHub or an Enterprise host. */
  readonly repository: string
  /** Base URL of the REST API, such as `https://host/api/v3`. Default: derived from the address. */
  readonly baseUrl?: string | undefined
  /** Default: the token in the address. */
  readonly auth?: GitHubAuth | undefined
  readonly fetch: HttpFetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly limits?: Partial<GitHubLimits> | undefined
  /** Called with the quota of each response that has one. */
  readonly onQuota?: ((quota: Quota) => void) | undefined
}

/** A client for one repository on GitHub with one set of credentials. It keeps to the host's rate limits. */
export interface GitHubClient {
  readonly address: Address
  readonly api: GitHubApi
  readonly limits: GitHubLimits
  readonly secrets: KnownSecrets
  /** The remaining requests, from the host's last responses. Empty before the first response. */
  quotas(): readonly Quota[]
}

/** Throws `failed` if the address or the credentials are invalid. */
export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  const { now, random, pause } = options
  const limits = { ...LIMITS, ...options.limits }
  const fetch = watchedFetch(options.fetch, limits)
  const address = parseAddress(options.repository, options.baseUrl)
  const auth = authOf(options.auth, address.token)
  const secrets = createSecrets([
    ...(address.token === undefined ? [] : [address.token]),
    'token' in auth ? auth.token : auth.privateKey,
  ])
  const gate = createGate({ now, random, pause, onQuota: options.onQuota })
  const { origin } = new URL(address.apiUrl)
  const transport = createTransport({ fetch, random, pause, limits, gate, secrets, origin })
  const api = createApi({ address, auth, transport, fetch, now, random, pause, limits, secrets })
  return { address, api, limits, secrets, quotas: () => gate.quotas() }
}

function authOf(given: GitHubAuth | undefined, token: string | undefined): GitHubAuth {
  const auth = given ?? (token === undefined ? undefined : { token })
  // A line break would end the header, and the library's error message would contain the token.
  const sound = auth && ('token' in auth ? /^[\x21-\x7e]+$/.test(auth.token) : auth.privateKey !== '')
  if (sound) return auth
  throw sourceError('failed', 'This source has no valid credentials for GitHub.', {
    next: 'Add a token, or the id and key of a GitHub App.',
  })
}
