import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { StatementSigner } from '../../api/contract/attestation/signer.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Config, SourceConfig } from '../configuration/config.ts'
import { sourceType } from '../configuration/source-type.ts'
import type { GitSource } from '../source/git-source.ts'
import type { GitHubCache } from '../source/github/index.ts'
import { publicRepository } from '../source/public-repository.ts'
import { compileGlob } from '../values/glob.ts'
import type { Runtime } from '../values/runtime.ts'
import type { RoundMember } from '../watch/run-round.ts'
import { GIT_HOSTS } from './git-hosts.ts'
import { otherRegistry } from './other-registry.ts'
import type { PullRequestWiring } from './pull-requests.ts'
import type { ReportWiring } from './reports.ts'

/** Sources that read one repository in the same way, so that they can share a listing and a snapshot. */
export interface Repository {
  /** As configured, so the URL may contain credentials. */
  readonly address: string
  /** Repositories that share it work one at a time. */
  readonly cache: string
  readonly git: GitSource
  readonly members: readonly RoundMember[]
}

export interface RepositoriesInput {
  readonly sources: readonly SourceConfig[]
  /** The folder for git's local repositories. */
  readonly cache: Config['cache']
  readonly api: RegistryApi
  readonly runtime: Runtime
  /** Cache for GitHub's API. Default: one per repository, for this call only. */
  readonly gitHubCache?: GitHubCache | undefined
  /** How to report passes. Default: no reports. */
  readonly reports?: ReportWiring | undefined
  /** How to find the pull requests of releases. Default: not at all. */
  readonly pullRequests?: PullRequestWiring | undefined
  /** Signs the sets of releases. Default: nobody signs them. */
  readonly signer?: StatementSigner | undefined
}

/**
 * Opens the repositories of these sources. Sources with the same type, address, branch and credentials share one.
 * Throws `ConfigError` if a secret is missing.
 */
export function repositoriesOf(input: RepositoriesInput): Repository[] {
  return [...groupByRepository(input.sources).values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [repositoryOf(first, group, input)]
  })
}

/** Groups sources that are read together. */
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
  { cache, runtime, gitHubCache, ...input }: RepositoriesInput,
): Repository {
  const { hostname, instance } = runtime
  const type = sourceType(first, runtime)
  const { hasFolder, open } = GIT_HOSTS[type]
  const name = cacheName(first.repository)
  const ownCache = hasFolder ? join(cache, name) : `${type}:${name}`
  // Only one process at a time can have git's folder open, so its name is unique among the living; and a process
  // that takes the place of one that was killed goes on under its lease.
  const holder = hasFolder ? `${hostname}:${ownCache}` : `${hostname}:${instance}`
  return {
    address: first.repository,
    cache: ownCache,
    git: open(first, {
      ...{ cacheDir: ownCache, isReleaseBranch: isReleaseBranch(group) },
      evidence: group.some(({ require }) => require.some(readsRefs)),
      ...{ runtime, gitHubCache },
    }),
    members: group.map((source) => memberOf(source, holder, runtime, input)),
  }
}

/** Whether evidence can come in statements, which refs carry. */
function readsRefs({ from }: SourceConfig['require'][number]): boolean {
  return from.some((one) => typeof one === 'string')
}

/** Whether any source of the repository has a branch as a release branch; `undefined` if none has any. */
function isReleaseBranch(group: readonly SourceConfig[]): ((branch: string) => boolean) | undefined {
  const matchers = group.flatMap(({ releaseBranches }) =>
    releaseBranches.map((pattern) => compileGlob(pattern)),
  )
  return matchers.length === 0 ? undefined : (branch) => matchers.some((matches) => matches(branch))
}

function memberOf(
  source: SourceConfig,
  holder: string,
  runtime: Runtime,
  {
    api,
    reports,
    pullRequests,
    signer,
  }: Pick<RepositoriesInput, 'api' | 'reports' | 'pullRequests' | 'signer'>,
): RoundMember {
  const { now, random, pause, signal } = runtime
  return {
    source,
    api,
    holder: `${holder}:${source.name}`.slice(-256),
    repository: publicRepository(source.repository),
    ...{ now, random, pause, signal },
    reporting: reports?.(source, runtime),
    findPullRequests: pullRequests?.(source, runtime),
    promotesFrom: otherRegistry(source.promotesFrom, runtime),
    signer,
  }
}

/** A readable and unique folder name for a repository. */
function cacheName(repository: string): string {
  const readable = publicRepository(repository)
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(-40)
  const digest = createHash('sha256').update(publicRepository(repository)).digest('hex').slice(0, 12)
  return `${readable}-${digest}`.replace(/^-+/, '')
}
