import type { Address } from './address.ts'
import type { GitHubAuth } from './authorization.ts'
import type { GitHubLimits } from './limits.ts'
import type { KnownSecrets } from './secrets.ts'
import type { HttpFetch, LimitedFetch } from './transport.ts'

export interface ApiOptions {
  readonly address: Address
  readonly auth: GitHubAuth
  readonly transport: LimitedFetch
  /** For requests without credentials. */
  readonly fetch: HttpFetch
  readonly now: () => number
  /** At least 0, below 1. */
  readonly random: () => number
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly limits: GitHubLimits
  readonly secrets: KnownSecrets
}

/** Runs Octokit and converts its errors. */
export type Ask = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

export interface QueryOptions {
  readonly signal?: AbortSignal | undefined
  /** Limit of the response; a longer one throws `too_large`. */
  readonly mostBytes?: number | undefined
}

/** Octokit's options for a request. */
export function requestOptions(transport: LimitedFetch, { signal, mostBytes }: QueryOptions) {
  return {
    ...(signal && { signal }),
    fetch: (url: string, init?: RequestInit) => transport(url, init, mostBytes),
  }
}
