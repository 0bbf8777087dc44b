import type { GitSource } from '../git-source.ts'
import type { GitHubSource, GitHubSourceOptions } from './index.ts'

/**
 * Like `createGitHubSource`, but loaded when the repository is first read: most controllers use git and should not
 * load unused code. An invalid option is also reported then.
 */
export function createLazyGitHubSource(options: GitHubSourceOptions): Required<GitSource> {
  let loaded: GitHubSource | undefined
  const source = async () => {
    const { createGitHubSource } = await import('./index.ts')
    loaded ??= createGitHubSource(options)
    return loaded
  }
  return {
    listRefs: async (signal) => (await source()).listRefs(signal),
    open: async (listing, signal) => (await source()).open(listing, signal),
    pullRequest: async (number, signal) => (await source()).pullRequest(number, signal),
    quotas: () => loaded?.quotas() ?? [],
  }
}
