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
export type { HttpFetch } from './transport.ts'

export interface GitHubSourceOptions extends GitHubClientOptions {
  /** The tracked branch. Default: the repository's default branch. */
  readonly branch?: string | undefined
  /** Selects the release branches, by short name. Default: none. Must take linear time. */
  readonly isReleaseBranch?: ((name: string) => boolean) | undefined
  /** List the refs with evidence. Default: false. */
  readonly evidence?: boolean | undefined
  /** A cache between passes, which sources may share. Default: a memory cache for this source only. */
  readonly cache?: GitHubCache | undefined
}

export interface GitHubSource extends Required<GitSource> {
  /**
   * The remaining requests, from the host's last responses (REST and GraphQL). Empty before the first response.
   */
  quotas(): readonly Quota[]
}

/**
 * The `GitSource` for machines without git: listings, trees and files from GitHub's REST and GraphQL APIs. Sends
 * one request at a time, as GitHub requires. Throws `failed` if the address or the credentials are invalid.
 */
export function createGitHubSource(options: GitHubSourceOptions): GitHubSource {
  const { branch, isReleaseBranch, evidence, pause } = options
  const { address, api, limits, quotas } = createGitHubClient(options)
  const store = storeOf(options.cache ?? createMemoryCache(), address)
  const parts = {
    ...{ api, store, limits },
    commits: createCommits(api, store),
    trees: createTrees(api, store),
    history: createHistory(api, store, limits.historyCommits),
  }
  return {
    quotas,
    listRefs: (signal) => listRefs({ api, store, pause, signal }, { branch, isReleaseBranch, evidence }),
    pullRequest: (number, signal) => pullRequest(api, number, signal),
    async open(listing, signal) {
      if (signal?.aborted) throw stopped(signal.reason)
      return createSnapshot(parts, listing)
    },
  }
}
