import { type GitSource, type Quota, SourceError } from '../git-source.ts'
import { parseAddress } from './address.ts'
import { createApi } from './api.ts'
import type { GitHubAuth } from './authorization.ts'
import { createMemoryCache, type GitHubCache, storeOf } from './cache.ts'
import { createCommits } from './commits.ts'
import { stopped } from './errors.ts'
import { createHistory } from './history.ts'
import { type GitHubLimits, LIMITS } from './limits.ts'
import { listRefs } from './list-refs.ts'
import { createGate } from './rate-limit.ts'
import { createSecrets } from './secrets.ts'
import { createSnapshot } from './snapshot.ts'
import { createTransport, type Fetch } from './transport.ts'
import { createTrees } from './trees.ts'

export type { GitHubAuth } from './authorization.ts'
export { createMemoryCache, type GitHubCache } from './cache.ts'
export { RateLimited } from './errors.ts'
export type { GitHubLimits } from './limits.ts'
export type { Fetch } from './transport.ts'

export interface GitHubSourceOptions {
  /** `owner/name`, or any address of the repository on GitHub or an Enterprise host. */
  readonly repository: string
  /** Of the REST interface, such as `https://host/api/v3`; follows from the address when not given. */
  readonly baseUrl?: string | undefined
  /** The tracked branch; the repository's default one when not given. */
  readonly branch?: string | undefined
  /** A token in the address is taken when this is not given. */
  readonly auth?: GitHubAuth | undefined
  readonly fetch: Fetch
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Kept between passes; one of this source's own in memory when not given. May serve many sources. */
  readonly cache?: GitHubCache | undefined
  readonly limits?: Partial<GitHubLimits> | undefined
  /** Called with each answer that tells how many requests are left. */
  readonly onQuota?: ((quota: Quota) => void) | undefined
}

export interface GitHubSource extends GitSource {
  /** What the host said last about the requests that are left, REST and GraphQL. Empty before the first answer. */
  quotas(): readonly Quota[]
}

/**
 * The `GitSource` for places without git: listings, trees and files by GitHub's REST and GraphQL interfaces. Asks
 * one thing at a time, as GitHub wants it. Throws `failed` for an address or credentials that cannot be any.
 */
export function createGitHubSource(options: GitHubSourceOptions): GitHubSource {
  const { branch, fetch, now, random, pause } = options
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
  const store = storeOf(options.cache ?? createMemoryCache(), address)
  const parts = {
    ...{ api, store, limits },
    commits: createCommits(api, store),
    trees: createTrees(api, store),
    history: createHistory(api, store),
  }
  return {
    quotas: () => gate.quotas(),
    listRefs: (signal) => listRefs({ api, store, pause, signal }, branch),
    async open(listing, signal) {
      if (signal?.aborted) throw stopped(signal.reason)
      return createSnapshot(parts, listing)
    },
  }
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
