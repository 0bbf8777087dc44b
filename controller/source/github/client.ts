import { type Quota, SourceError } from '../git-source.ts'
import { type Address, parseAddress } from './address.ts'
import { createApi, type GitHubApi } from './api.ts'
import type { GitHubAuth } from './authorization.ts'
import { type GitHubLimits, LIMITS } from './limits.ts'
import { createGate } from './rate-limit.ts'
import { createSecrets, type Secrets } from './secrets.ts'
import { createTransport, type Fetch } from './transport.ts'

export interface GitHubClientOptions {
  /** `owner/name`, or any address of the repository on GitHub or an Enterprise host. */
  readonly repository: string
  /** Of the REST interface, such as `https://host/api/v3`; follows from the address when not given. */
  readonly baseUrl?: string | undefined
  /** A token in the address is taken when this is not given. */
  readonly auth?: GitHubAuth | undefined
  readonly fetch: Fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly limits?: Partial<GitHubLimits> | undefined
  /** Called with each answer that tells how many requests are left. */
  readonly onQuota?: ((quota: Quota) => void) | undefined
}

/** One repository on GitHub, asked with one set of credentials, within the limits that the host sets for them. */
export interface GitHubClient {
  readonly address: Address
  readonly api: GitHubApi
  readonly limits: GitHubLimits
  readonly secrets: Secrets
  /** What the host said last about the requests that are left. Empty before the first answer. */
  quotas(): readonly Quota[]
}

/** Throws `failed` for an address or credentials that cannot be any. */
export function createGitHubClient(options: GitHubClientOptions): GitHubClient {
  const { fetch, now, random, pause } = options
  const limits = { ...LIMITS, ...options.limits }
  const address = parseAddress(options.repository, options.baseUrl)
  const auth = authOf(options.auth, address.token)
  const secrets = createSecrets([
    ...(address.token === undefined ? [] : [address.token]),
    'token' in auth ? auth.token : auth.privateKey,
  ])
  const gate = createGate({ now, random, pause, onQuota: options.onQuota })
  const { origin } = new URL(address.apiUrl)
  const transport = createTransport({ fetch, random, pause, limits, gate, secrets, origin })
  const api = createApi({ address, auth, transport, fetch, now, pause, limits, secrets })
  return { address, api, limits, secrets, quotas: () => gate.quotas() }
}

function authOf(given: GitHubAuth | undefined, token: string | undefined): GitHubAuth {
  const auth = given ?? (token === undefined ? undefined : { token })
  // A line break would end the header, and the library's own words would then repeat the token.
  const sound = auth && ('token' in auth ? /^[\x21-\x7e]+$/.test(auth.token) : auth.privateKey !== '')
  if (sound) return auth
  const sentence =
    'This source has no credentials for GitHub that can be used: give it a token, or the id and key of a GitHub App.'
  throw new SourceError('failed', sentence)
}
