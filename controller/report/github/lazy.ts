import type { GitHubClientOptions } from '../../source/github/client.ts'
import type { HostReports } from '../host-reports.ts'

/** The same as `createGitHubReports`, which is loaded when there is something to report. */
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
