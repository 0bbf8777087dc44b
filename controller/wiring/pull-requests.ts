import type { SourceConfig } from '../configuration/config.ts'
import { hasUser } from '../configuration/reports-problem.ts'
import { isOnGitHub } from '../configuration/source-type.ts'
import type { FindPullRequests } from '../source/merged-pull-request.ts'
import type { Runtime } from '../values/runtime.ts'
import { gitHubAuth } from './github-auth.ts'

/** Returns how to find the pull requests of a source's releases; `undefined` if its host has none. Throws `ConfigError`. */
export type PullRequestWiring = (
  source: SourceConfig,
  runtime: Pick<Runtime, 'env' | 'fetch' | 'now' | 'random' | 'pause'>,
) => FindPullRequests | undefined

/** The audit trail may lack a pull request, but the lookup must not delay a pass. */
const TIME_LIMIT_MS = 15_000

/** For sources on GitHub with credentials. `warn` is called with a message for each failed lookup. */
export function createPullRequestWiring(
  warn: (message: string) => void,
  timeLimit: (ms: number) => AbortSignal = (ms) => AbortSignal.timeout(ms),
): PullRequestWiring {
  return (source, runtime) => {
    const { name, repository, apiUrl: baseUrl, reports } = source
    const credentials = source.credentials ?? reports?.credentials
    if (!isOnGitHub(source) || (credentials === undefined && !hasUser(repository))) return undefined
    const auth = gitHubAuth({ credentials }, runtime)
    const { fetch, now, random, pause } = runtime
    const options = { repository, baseUrl, auth, fetch, now, random, pause }
    return async (commits, signal) => {
      const limit = AbortSignal.any([timeLimit(TIME_LIMIT_MS), signal])
      try {
        const { createGitHubClient } = await import('../source/github/client.ts')
        const { BRIEF } = await import('../source/github/limits.ts')
        const { permitted } = await import('../report/github/permitted.ts')
        const { mergedPullRequests } = await import('../source/github/merged-pull-requests.ts')
        const { api } = createGitHubClient({ ...options, limits: BRIEF })
        return await permitted('read pull requests', () => mergedPullRequests(api, commits, limit))
      } catch (error) {
        signal.throwIfAborted()
        warn(`${name}: the pull requests of its releases are unknown: ${(error as Error).message}`)
        return new Map()
      }
    }
  }
}
