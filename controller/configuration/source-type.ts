import type { SourceConfig } from '../config.ts'
import { repositoryHost } from '../source/repository-address.ts'
import type { Surroundings } from './surroundings.ts'

export type SourceType = NonNullable<SourceConfig['type']>

/**
 * How a source is read. What the configuration says goes first. Else what only GitHub's interface can do, and inside
 * Lambda, where a zip has no git, everything on github.com; all other repositories by git.
 */
export function sourceType(
  {
    type,
    repository,
    apiUrl,
    credentials,
  }: Pick<SourceConfig, 'type' | 'repository' | 'apiUrl' | 'credentials'>,
  { env }: Pick<Surroundings, 'env'>,
): SourceType {
  if (type !== undefined) return type
  const needsGitHub = apiUrl !== undefined || (credentials !== undefined && 'appId' in credentials)
  const inLambda = env.AWS_LAMBDA_FUNCTION_NAME !== undefined
  return needsGitHub || (inLambda && isGitHub(repository)) ? 'github' : 'git'
}

/** Whether it is one of GitHub's own hosts, by its name. */
export function isGitHub(repository: string): boolean {
  const host = repositoryHost(repository)
  return host !== undefined && (/^((www|ssh)\.)?github\.com$/.test(host) || host.endsWith('.ghe.com'))
}
