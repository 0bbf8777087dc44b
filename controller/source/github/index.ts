import type { GitSource, Quota } from '../git-source.ts'
import { createMemoryCache, type GitHubCache, storeOf } from './cache.ts'
import { createGitHubClient, type GitHubClientOptions } from './client.ts'
import { createCommits } from './commits.ts'
import { stopped } from './errors.ts'
import { createHistory } from './history.ts'
import { listRefs } from './list-refs.ts'
import { pullRequest } from './pull-request.ts'
import { createSnapshot } from './snapshot.ts'
import { createTrees } from './trees.ts'

export type { GitHubAuth } from './authorization.ts'
export { createMemoryCache, type GitHubCache } from './cache.ts'
export { RateLimited } from './errors.ts'
export type { GitHubLimits } from './limits.ts'
export type { Fetch } from './transport.ts'

export interface GitHubSourceOptions extends GitHubClientOptions {
  /** The tracked branch; the repository's default one when not given. */
  readonly branch?: string | undefined
  /** Kept between passes; one of this source's own in memory when not given. May serve many sources. */
  readonly cache?: GitHubCache | undefined
}

export interface GitHubSource extends Required<GitSource> {
  /** What the host said last about the requests that are left, REST and GraphQL. Empty before the first answer. */
  quotas(): readonly Quota[]
}

/**
 * The `GitSource` for places without git: listings, trees and files by GitHub's REST and GraphQL interfaces. Asks
 * one thing at a time, as GitHub wants it. Throws `failed` for an address or credentials that cannot be any.
 */
export function createGitHubSource(options: GitHubSourceOptions): GitHubSource {
  const { branch, pause } = options
  const { address, api, limits, quotas } = createGitHubClient(options)
  const store = storeOf(options.cache ?? createMemoryCache(), address)
  const parts = {
    ...{ api, store, limits },
    commits: createCommits(api, store),
    trees: createTrees(api, store),
    history: createHistory(api, store),
  }
  return {
    quotas,
    listRefs: (signal) => listRefs({ api, store, pause, signal }, branch),
    pullRequest: (number, signal) => pullRequest(api, number, signal),
    async open(listing, signal) {
      if (signal?.aborted) throw stopped(signal.reason)
      return createSnapshot(parts, listing)
    },
  }
}
