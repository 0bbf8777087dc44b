import type { GitHubClientOptions } from '../../source/github/client.ts'
import type { HostReports } from '../host-reports.ts'

/** Like `createGitHubReports`, but loaded on first use. */
export function createLazyGitHubReports(options: GitHubClientOptions): HostReports {
  let loaded: HostReports | undefined
  const host = async () => {
    const { createGitHubReports } = await import('./index.ts')
    loaded ??= createGitHubReports(options)
    return loaded
  }
  return {
    setStatus: async (...call) => (await host()).setStatus(...call),
    openPullRequests: async (...call) => (await host()).openPullRequests(...call),
    findComment: async (...call) => (await host()).findComment(...call),
    writeComment: async (...call) => (await host()).writeComment(...call),
  }
}
