import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { Config, SourceConfig } from '../config.ts'
import type { PassInput } from '../reconcile.ts'
import { createGitSource } from '../source/git/index.ts'
import { publicRepository } from '../source/public-repository.ts'
import { secret } from './secret.ts'
import type { World } from './world.ts'

/** Wires what a pass of a source works with. */
export function passInput(source: SourceConfig, config: Config, api: RegistryApi, world: World): PassInput {
  const cacheDir = join(config.cache, cacheName(source.repository))
  const { credentials } = source
  return {
    source,
    git: createGitSource({
      repository: source.repository,
      branch: source.branch,
      cacheDir,
      credentials:
        credentials === undefined
          ? undefined
          : {
              ...(credentials.username !== undefined && { username: credentials.username }),
              password: secret(credentials.passwordEnv, world),
            },
      env: world.env,
    }),
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
