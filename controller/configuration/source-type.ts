import { isGitHubHost, repositoryHost } from '../source/repository-address.ts'
import type { Runtime } from '../values/runtime.ts'
import type { SourceConfig } from './source-schema.ts'

export type SourceType = NonNullable<SourceConfig['type']>

/**
 * How a source is read: as configured; else by GitHub's API if the source has an `apiUrl` or a GitHub App, or is
 * on github.com and this is Lambda, whose zip has no git; else by git.
 */
export function sourceType(
  {
    type,
    repository,
    apiUrl,
    credentials,
  }: Pick<SourceConfig, 'type' | 'repository' | 'apiUrl' | 'credentials'>,
  { env }: Pick<Runtime, 'env'>,
): SourceType {
  if (type !== undefined) return type
  const needsGitHub = apiUrl !== undefined || (credentials !== undefined && 'appId' in credentials)
  const inLambda = env.AWS_LAMBDA_FUNCTION_NAME !== undefined
  return needsGitHub || (inLambda && isGitHub(repository)) ? 'github' : 'git'
}

/** Whether the source's host is GitHub or an Enterprise server, even if it is read by git. */
export function isOnGitHub({
  type,
  repository,
  apiUrl,
  credentials,
  reports,
}: Pick<SourceConfig, 'type' | 'repository' | 'apiUrl' | 'credentials' | 'reports'>): boolean {
  const hasApp = [credentials, reports?.credentials].some((one) => one !== undefined && 'appId' in one)
  return type === 'github' || apiUrl !== undefined || hasApp || isGitHub(repository)
}

/** Whether the repository's host name is one of GitHub's own. */
function isGitHub(repository: string): boolean {
  const host = repositoryHost(repository)
  return host !== undefined && isGitHubHost(host)
}
