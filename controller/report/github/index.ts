import { z } from 'zod'
import { createGitHubClient, type GitHubClientOptions } from '../../source/github/client.ts'
import { BRIEF } from '../../source/github/limits.ts'
import type { HostReports } from '../host-reports.ts'
import { comments } from './comments.ts'
import { permitted } from './permitted.ts'
import { openPullRequests } from './pull-requests.ts'

/** Reports to GitHub or an Enterprise server. Throws `failed` if the address or the credentials are invalid. */
export function createGitHubReports(options: GitHubClientOptions): HostReports {
  const client = createGitHubClient({ ...options, limits: { ...BRIEF, ...options.limits } })
  const { api, secrets } = client
  return {
    async setStatus({ commit, context, state, description, targetUrl }, signal) {
      const body = {
        ...{ state, context, description: secrets.scrub(description) },
        ...(targetUrl !== null && { target_url: targetUrl }),
      }
      const parameters = { sha: commit }
      await permitted('write commit statuses', () =>
        api.send('POST', 'statuses/{sha}', z.unknown(), { parameters, body, signal }),
      )
    },
    openPullRequests: openPullRequests(client),
    ...comments(client, options.auth),
  }
}
