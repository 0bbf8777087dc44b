import { join } from 'node:path'
import type { Environment } from '../../../api/contract/index.ts'
import type { GitSource, RefListing } from '../git-source.ts'
import { SourceError, sourceError } from '../source-error.ts'
import { type CacheIdentity, currentGeneration, newGeneration } from './cache.ts'
import { createGitCommand, type GitCommand } from './command.ts'
import { fetchListing } from './fetch.ts'
import type { CacheAccess } from './inspect.ts'
import { listRefs } from './list-refs.ts'
import { type Lock, takeLock } from './lock.ts'
import { createObjectReader } from './object-reader.ts'
import { makePrivateFolder } from './private-folder.ts'
import { pullRequest } from './pull-request.ts'
import { type GitCredentials, hasControlCharacter, parseRemote } from './remote.ts'
import { createShallowCheck } from './shallow.ts'
import { createSnapshot } from './snapshot.ts'
import { GIT_TIMEOUTS, type GitTimeouts } from './timeouts.ts'

export type { GitCredentials } from './remote.ts'
export type { GitTimeouts } from './timeouts.ts'

export interface GitSourceOptions {
  /** An https, http, ssh or file URL, `host:path`, or a local path. */
  readonly repository: string
  /** The tracked branch. Default: the remote's default branch. */
  readonly branch?: string | undefined
  /** Selects the release branches, by short name. Default: none. Must take linear time. */
  readonly isReleaseBranch?: ((name: string) => boolean) | undefined
  /** List the refs with evidence. Default: false. */
  readonly evidence?: boolean | undefined
  /** A directory for this repository only, on a local disk. It is created if missing. */
  readonly cacheDir: string
  /** For http and https. Userinfo in the URL works too. */
  readonly credentials?: GitCredentials | undefined
  /** The process environment. Git gets only a few of its variables (environment.ts). */
  readonly env: Environment
  /** How long `open` waits for another run. */
  readonly lockTimeoutMs?: number
  /** How long the remote may be silent. */
  readonly timeouts?: Partial<GitTimeouts> | undefined
}

/**
 * The `GitSource` for machines with git 2.29 or newer: listings by `ls-remote`, objects from a bare cache with all
 * commits and trees and the requested files (a partial clone, if the server supports it). Throws `failed` for an
 * invalid address or branch name.
 */
export function createGitSource(options: GitSourceOptions): GitSource {
  const { branch, isReleaseBranch, evidence, cacheDir, lockTimeoutMs = 60_000 } = options
  if (branch !== undefined && !isBranchName(branch)) throw badBranch()
  const timeouts = { ...GIT_TIMEOUTS, ...options.timeouts }
  const remote = parseRemote(options.repository, options.credentials)
  const git = createGitCommand({ remote, cacheDir, env: options.env, timeouts })
  const refuseShallow = createShallowCheck(git)
  return {
    listRefs: (signal) => listRefs(git, { branch, isReleaseBranch, evidence }, signal),
    pullRequest: (number, signal) => pullRequest(git, number, signal),
    async open(listing, signal) {
      let lock: Lock | undefined
      try {
        await makePrivateFolder(cacheDir)
        lock = await takeLock(join(cacheDir, 'lock.db'), lockTimeoutMs, signal)
        const access = await readyCache({ git, cacheDir, refuseShallow, listing, signal })
        return createSnapshot(access, listing, lock)
      } catch (error) {
        lock?.release()
        throw git.cacheFailure(error)
      }
    },
  }
}

interface Opening {
  readonly git: GitCommand
  readonly cacheDir: string
  readonly refuseShallow: () => Promise<void>
  readonly listing: RefListing
  readonly signal: AbortSignal | undefined
}

/**
 * Opens a cache with the listing's commits. Recreates an unusable cache once. A failure of the remote keeps the
 * cache.
 */
async function readyCache(opening: Opening): Promise<CacheAccess> {
  const { git, cacheDir, refuseShallow, listing, signal } = opening
  const objectFormat = listing.commit.length === 64 ? 'sha256' : 'sha1'
  const identity: CacheIdentity = { url: git.remote.url, objectFormat }
  const current = await currentGeneration(cacheDir, identity)
  if (current !== undefined) {
    const access = { git, directory: current, reader: createObjectReader(git, current), signal }
    try {
      await fetchListing(access, listing, { isNew: false, refuseShallow })
      return access
    } catch (error) {
      await access.reader.close()
      // A fetch into a damaged cache has many error messages. Recognised codes have another cause.
      const isPlain =
        error instanceof SourceError && error.code !== 'failed' && error.code !== 'cache_damaged'
      if (isPlain || signal?.aborted) throw error
    }
  }
  const directory = await newGeneration(git, cacheDir, identity, async (directory) => {
    const reader = createObjectReader(git, directory)
    try {
      await fetchListing({ git, directory, reader, signal }, listing, { isNew: true, refuseShallow })
    } finally {
      await reader.close()
    }
  })
  return { git, directory, reader: createObjectReader(git, directory) }
}

/** Git's rules for branch names, so that a name has no special meaning in a pattern or a refspec. */
function isBranchName(name: string): boolean {
  const forbidden = /^[-/.]|[ ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[/.]$/
  return name !== '' && name !== '@' && !forbidden.test(name) && !hasControlCharacter(name)
}

function badBranch(): SourceError {
  return sourceError('failed', 'The branch of this source is not a valid branch name.', {
    next: 'Correct the name.',
  })
}
