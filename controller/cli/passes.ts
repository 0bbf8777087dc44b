import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Config, SourceConfig } from '../config.ts'
import type { RoundMember } from '../run-round.ts'
import { createGitSource } from '../source/git/index.ts'
import type { GitSource } from '../source/git-source.ts'
import { publicRepository } from '../source/public-repository.ts'
import { secret } from './secret.ts'
import type { World } from './world.ts'

/** Sources that read one repository in one way, so that one listing and one view of it do for all of them. */
export interface Repository {
  /** As it is configured: with what credentials the URL may carry. */
  readonly address: string
  /** Only one round at a time can have it open. */
  readonly cacheDir: string
  readonly git: GitSource
  readonly members: readonly RoundMember[]
}

/**
 * Wires what passes of these sources work with. Those with the same address, branch and credentials are one
 * repository. Throws `ConfigError` where a secret is missing.
 */
export function repositoriesOf(
  sources: readonly SourceConfig[],
  config: Config,
  api: RegistryApi,
  world: World,
): Repository[] {
  const groups = Map.groupBy(sources, ({ repository, branch, credentials }) =>
    JSON.stringify([
      repository,
      branch ?? null,
      credentials?.username ?? null,
      credentials?.passwordEnv ?? null,
    ]),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const cacheDir = join(config.cache, cacheName(first.repository))
    return [
      {
        address: first.repository,
        cacheDir,
        git: gitSource(first, cacheDir, world),
        members: group.map((source) => memberOf(source, cacheDir, api, world)),
      },
    ]
  })
}

function gitSource({ repository, branch, credentials }: SourceConfig, cacheDir: string, world: World) {
  return createGitSource({
    repository,
    branch,
    cacheDir,
    credentials:
      credentials === undefined
        ? undefined
        : {
            ...(credentials.username !== undefined && { username: credentials.username }),
            password: secret(credentials.passwordEnv, world),
          },
    env: world.env,
  })
}

function memberOf(source: SourceConfig, cacheDir: string, api: RegistryApi, world: World): RoundMember {
  return {
    source,
    api,
    // Only one process at a time can have this folder's repository open, so the name is unique among the living.
    holder: `${world.hostname}:${cacheDir}:${source.name}`.slice(-256),
    repository: publicRepository(source.repository),
    now: world.now,
    random: world.random,
    pause: world.pause,
    signal: world.signal,
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
