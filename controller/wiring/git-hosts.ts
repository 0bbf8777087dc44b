import { ConfigError, type SourceConfig } from '../configuration/config.ts'
import { secret } from '../configuration/secret.ts'
import type { SourceType } from '../configuration/source-type.ts'
import { createGitSource } from '../source/git/index.ts'
import type { GitSource } from '../source/git-source.ts'
import type { GitHubCache } from '../source/github/index.ts'
import { createLazyGitHubSource } from '../source/github/lazy.ts'
import type { Runtime } from '../values/runtime.ts'
import { gitHubAuth } from './github-auth.ts'

/** A way to read repositories. */
export interface GitHost {
  /** Whether it keeps a local repository, which only one process at a time can have open. */
  readonly hasFolder: boolean
  /** Throws `ConfigError` if a secret is missing or of the wrong kind. */
  readonly open: (source: SourceConfig, options: OpenOptions) => GitSource
}

export interface OpenOptions {
  /** The folder of the local repository. */
  readonly cacheDir: string
  readonly isReleaseBranch: ((branch: string) => boolean) | undefined
  /** Whether to list the refs with evidence. Default: false. */
  readonly evidence?: boolean
  readonly runtime: Runtime
  readonly gitHubCache: GitHubCache | undefined
}

/** By the `type` of a source. */
export const GIT_HOSTS: Readonly<Record<SourceType, GitHost>> = {
  git: { hasFolder: true, open: openGit },
  github: { hasFolder: false, open: openGitHub },
}

function openGit(source: SourceConfig, options: OpenOptions): GitSource {
  const { name, repository, branch, credentials } = source
  const { cacheDir, isReleaseBranch, evidence, runtime } = options
  if (credentials !== undefined && 'appId' in credentials)
    throw new ConfigError(
      `Source "${name}" has the credentials of a GitHub App, which git cannot use. Remove "type: git", or set a token.`,
    )
  const login = credentials && {
    ...(credentials.username !== undefined && { username: credentials.username }),
    password: secret(credentials.passwordEnv, runtime),
  }
  return createGitSource({
    ...{ repository, branch, isReleaseBranch, evidence, cacheDir },
    credentials: login,
    env: runtime.env,
  })
}

function openGitHub(source: SourceConfig, options: OpenOptions): GitSource {
  const { repository, apiUrl: baseUrl, branch } = source
  const { isReleaseBranch, evidence, runtime, gitHubCache: cache } = options
  const { fetch, now, random, pause } = runtime
  const auth = gitHubAuth(source, runtime)
  return createLazyGitHubSource({
    ...{ repository, baseUrl, branch, isReleaseBranch, evidence, auth, cache },
    ...{ fetch, now, random, pause },
  })
}
