import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { type Config, ConfigError, type SourceConfig } from '../config.ts'
import { secret } from '../configuration/secret.ts'
import { sourceType } from '../configuration/source-type.ts'
import type { Surroundings } from '../configuration/surroundings.ts'
import type { RoundMember } from '../rounds/run-round.ts'
import { createGitSource } from '../source/git/index.ts'
import type { GitSource } from '../source/git-source.ts'
import type { GitHubAuth, GitHubCache } from '../source/github/index.ts'
import { createLazyGitHubSource } from '../source/github/lazy.ts'
import { publicRepository } from '../source/public-repository.ts'
import type { ReportWiring } from './reports.ts'

/** Sources that read one repository in one way, so that one listing and one view of it do for all of them. */
export interface Repository {
  /** As it is configured: with what credentials the URL may carry. */
  readonly address: string
  /** Repositories that share it work one at a time. */
  readonly place: string
  readonly git: GitSource
  readonly members: readonly RoundMember[]
}

export interface RepositoriesInput {
  readonly sources: readonly SourceConfig[]
  /** The folder that git keeps repositories in. */
  readonly cache: Config['cache']
  readonly api: RegistryApi
  readonly surroundings: Surroundings
  /** What is known of repositories on GitHub; of each one's own and for this call only when not given. */
  readonly gitHubCache?: GitHubCache | undefined
  /** Says how passes of a source are told of; they are not when not given. */
  readonly reports?: ReportWiring | undefined
}

/**
 * Wires what passes of these sources work with. Those with the same address, branch and credentials are one
 * repository. Throws `ConfigError` where a secret is missing.
 */
export function repositoriesOf(input: RepositoriesInput): Repository[] {
  return [...groupByRepository(input.sources).values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [repositoryOf(first, group, input)]
  })
}

/** By a key, sources that are read together. */
export function groupByRepository<Source extends SourceConfig>(
  sources: readonly Source[],
): ReadonlyMap<string, readonly Source[]> {
  return Map.groupBy(sources, ({ type, repository, apiUrl, branch, credentials }) =>
    JSON.stringify([repository, type ?? null, apiUrl ?? null, branch ?? null, credentials ?? null]),
  )
}

function repositoryOf(
  first: SourceConfig,
  group: readonly SourceConfig[],
  { cache, api, surroundings, gitHubCache, reports }: RepositoriesInput,
): Repository {
  const { hostname, instance } = surroundings
  const isGit = sourceType(first, surroundings) === 'git'
  const name = cacheName(first.repository)
  const place = isGit ? join(cache, name) : `github:${name}`
  // Only one process at a time can have git's folder open, so its name is unique among the living; and a process
  // that takes the place of one that was killed goes on under its lease.
  const holder = isGit ? `${hostname}:${place}` : `${hostname}:${instance}`
  return {
    address: first.repository,
    place,
    git: isGit ? gitSource(first, place, surroundings) : gitHubSource(first, surroundings, gitHubCache),
    members: group.map((source) => memberOf(source, holder, api, surroundings, reports)),
  }
}

function gitSource(source: SourceConfig, cacheDir: string, surroundings: Surroundings): GitSource {
  const { name, repository, branch, credentials } = source
  if (credentials !== undefined && 'appId' in credentials)
    throw new ConfigError(
      `The source "${name}" has the credentials of a GitHub App, which git cannot use; take "type: git" out, or give it a token.`,
    )
  const login = credentials && {
    ...(credentials.username !== undefined && { username: credentials.username }),
    password: secret(credentials.passwordEnv, surroundings),
  }
  return createGitSource({ repository, branch, cacheDir, credentials: login, env: surroundings.env })
}

function gitHubSource(
  source: SourceConfig,
  surroundings: Surroundings,
  cache: GitHubCache | undefined,
): GitSource {
  const { repository, apiUrl, branch } = source
  const { fetch, now, random, pause } = surroundings
  const auth = gitHubAuth(source, surroundings)
  return createLazyGitHubSource({
    repository,
    baseUrl: apiUrl,
    branch,
    auth,
    fetch,
    now,
    random,
    pause,
    cache,
  })
}

/** A password is a token here. `undefined` where the address may have one. Throws `ConfigError`. */
export function gitHubAuth(
  { credentials }: Pick<SourceConfig, 'credentials'>,
  surroundings: Pick<Surroundings, 'env'>,
): GitHubAuth | undefined {
  if (credentials === undefined) return undefined
  if ('passwordEnv' in credentials) return { token: secret(credentials.passwordEnv, surroundings) }
  const { appId, privateKeyEnv, installationId } = credentials
  return { appId, privateKey: secret(privateKeyEnv, surroundings), installationId }
}

function memberOf(
  source: SourceConfig,
  holder: string,
  api: RegistryApi,
  surroundings: Surroundings,
  reports: ReportWiring | undefined,
): RoundMember {
  const { now, random, pause, signal } = surroundings
  return {
    source,
    api,
    holder: `${holder}:${source.name}`.slice(-256),
    repository: publicRepository(source.repository),
    ...{ now, random, pause, signal },
    reporting: reports?.(source, surroundings),
  }
}

/** A folder name for a repository: readable, and different for different repositories. */
function cacheName(repository: string): string {
  const readable = publicRepository(repository)
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(-40)
  const digest = createHash('sha256').update(publicRepository(repository)).digest('hex').slice(0, 12)
  return `${readable}-${digest}`.replace(/^-+/, '')
}
