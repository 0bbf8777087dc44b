import type { GitSource } from '../git-source.ts'
import type { GitHubSource, GitHubSourceOptions } from './index.ts'

/**
 * The same as `createGitHubSource`, which is loaded when the repository is first read: most controllers read with
 * git, and should not wait for what speaks to GitHub. What cannot be used is told then, too.
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
