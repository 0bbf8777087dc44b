import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitSource, type RefListing, SourceError } from '../git-source.ts'
import { type CacheIdentity, currentGeneration, newGeneration } from './cache.ts'
import { createGitCommand, type GitCommand } from './command.ts'
import type { Environment } from './environment.ts'
import { fetchListing } from './fetch.ts'
import { listRefs } from './list-refs.ts'
import { takeLock } from './lock.ts'
import { pullRequest } from './pull-request.ts'
import { type GitCredentials, hasControlCharacter, parseRemote } from './remote.ts'
import { createSnapshot } from './snapshot.ts'

export type { GitCredentials } from './remote.ts'

export interface GitSourceOptions {
  /** An https, http, ssh or file URL, `host:path`, or a local path. */
  readonly repository: string
  /** The tracked branch; the remote's default one when not given. */
  readonly branch?: string | undefined
  /** A directory of its own for this repository, on a local disk. It is made when needed. */
  readonly cacheDir: string
  /** For http and https; userinfo in the URL is taken too. */
  readonly credentials?: GitCredentials | undefined
  /** The process environment; git gets only a few variables of it (environment.ts). */
  readonly env: Environment
  /** How long `open` waits for another run. */
  readonly lockTimeoutMs?: number
  /** How long the remote may say nothing at all before a command is given up. */
  readonly silenceMs?: number
}

/**
 * The `GitSource` for every machine with git 2.29 or newer: listings by `ls-remote`, objects from a bare cache
 * with all commits and trees, and those files' contents that were asked for (a partial clone, where the server
 * supports it). Throws `failed` for an address or branch name that cannot be one.
 */
export function createGitSource(options: GitSourceOptions): GitSource {
  const { branch, cacheDir, lockTimeoutMs = 60_000, silenceMs = 120_000 } = options
  if (branch !== undefined && !isBranchName(branch)) throw badBranch()
  const git = createGitCommand(parseRemote(options.repository, options.credentials), options.env, silenceMs)
  return {
    listRefs: (signal) => listRefs(git, branch, signal),
    pullRequest: (number, signal) => pullRequest(git, number, signal),
    async open(listing, signal) {
      await mkdir(cacheDir, { recursive: true })
      const lock = await takeLock(join(cacheDir, 'lock.db'), lockTimeoutMs, signal)
      try {
        const directory = await readyCache(git, cacheDir, listing, signal)
        return createSnapshot(git, directory, listing, lock)
      } catch (error) {
        lock.release()
        throw error
      }
    },
  }
}

/**
 * The directory of a cache that has the listing's commits. One that git cannot work with is made anew, once;
 * when the remote is the trouble, it stays.
 */
async function readyCache(
  git: GitCommand,
  cacheDir: string,
  listing: RefListing,
  signal?: AbortSignal,
): Promise<string> {
  const objectFormat = listing.commit.length === 64 ? 'sha256' : 'sha1'
  const identity: CacheIdentity = { url: git.remote.url, objectFormat }
  const fill = (directory: string) => fetchListing(git, directory, listing, signal)
  const current = await currentGeneration(cacheDir, identity)
  if (current !== undefined) {
    try {
      await fill(current)
      return current
    } catch (error) {
      // A fetch into a damaged cache fails in many words; those that plainly speak of the remote are not it.
      const perhapsDamaged = error instanceof SourceError && error.code === 'failed' && !signal?.aborted
      if (!perhapsDamaged) throw error
    }
  }
  return newGeneration(git, cacheDir, identity, fill)
}

/** Git's rules for a branch name, so that it can stand in a pattern and a refspec without meaning more. */
function isBranchName(name: string): boolean {
  const forbidden = /^[-/.]|[ ~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[/.]$/
  return name !== '' && name !== '@' && !forbidden.test(name) && !hasControlCharacter(name)
}

function badBranch(): SourceError {
  return new SourceError('failed', 'The branch of this source is not a name that git allows: correct it.')
}
