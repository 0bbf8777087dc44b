import { type SimpleGit, simpleGit } from 'simple-git'
import type { Environment } from '../../../api/contract/index.ts'
import type { Scrub } from '../../../api/contract/secrets.ts'
import type { SourceError } from '../git-source.ts'
import { publicRepository } from '../public-repository.ts'
import { cacheFailure } from './cache-failure.ts'
import { localEnvironment, proxySecrets, remoteEnvironment } from './environment.ts'
import { gitFailure, scrubber, spawnFailure } from './errors.ts'
import { type ProcessEnd, type ProcessOptions, runProcess } from './process.ts'
import type { Remote } from './remote.ts'
import type { GitTimeouts } from './timeouts.ts'

/** Runs git with this adapter's environment, settings, timeouts and scrubbing. */
export interface GitCommand {
  readonly remote: Remote
  readonly localEnv: Readonly<Record<string, string>>
  /** Facts about this git. */
  readonly traits: GitTraits
  /** Runs git and returns how it ended, even after a failure. Throws `git_missing`. */
  end(where: 'local' | 'remote', args: readonly string[], options?: RunOptions): Promise<ProcessEnd>
  /** Runs git and throws if it fails. `doing` completes "Git could not …". */
  run(where: 'local' | 'remote', doing: string, args: readonly string[], options?: RunOptions): Promise<void>
  failure(where: 'local' | 'remote', doing: string, end: ProcessEnd, signal?: AbortSignal): SourceError
  /** Diagnoses a failure of the file system or of SQLite in the cache folder. */
  cacheFailure(error: unknown): unknown
  /**
   * simple-git for small local commands. Not for the remote: it kills git without its helpers, and its debug
   * output would print the environment with the credentials.
   */
  simple(directory: string): SimpleGit
}

export interface GitTraits {
  /** `cat-file --batch-command` (git 2.36). Assumed until git refuses it. */
  hasBatchCommand: boolean
}

export interface GitCommandOptions {
  readonly remote: Remote
  readonly cacheDir: string
  readonly env: Environment
  readonly timeouts: GitTimeouts
}

export interface RunOptions extends Pick<ProcessOptions, 'input' | 'signal' | 'onOutput'> {
  /** Every answer of the remote must begin in time, because none takes long to prepare. */
  readonly eachAnswer?: boolean
}

// The user's configuration must not run programs or change the result of a fetch.
const SETTINGS = [
  ...['core.hooksPath=/dev/null', 'core.askPass=', 'protocol.version=2'],
  ...['gc.auto=0', 'maintenance.auto=false', 'fetch.recurseSubmodules=false', 'fetch.writeCommitGraph=false'],
].flatMap((setting) => ['-c', setting])

export function createGitCommand({ remote, cacheDir, env, timeouts }: GitCommandOptions): GitCommand {
  const scrub: Scrub = scrubber([...remote.secrets, ...proxySecrets(env)])
  const localEnv = localEnvironment(env)
  const remoteEnv = remoteEnvironment(env, remote, timeouts)
  const { transport, url, host = 'this machine', authorization } = remote
  const names = {
    ...{ repository: publicRepository(url), host, cache: cacheDir },
    hasCredentials: authorization !== undefined,
  }
  const context = { names, timeouts, scrub }

  const command: GitCommand = {
    remote,
    localEnv,
    traits: { hasBatchCommand: true },
    async end(where, args, { eachAnswer = false, ...options } = {}) {
      const watch = { transport, timeouts, eachAnswer }
      const manner = where === 'remote' ? { env: remoteEnv, watch } : { env: localEnv }
      try {
        return await runProcess([...SETTINGS, ...args], { ...options, ...manner })
      } catch (error) {
        throw spawnFailure(error)
      }
    },
    async run(where, doing, args, options = {}) {
      const end = await command.end(where, args, options)
      if (end.code !== 0) throw command.failure(where, doing, end, options.signal)
    },
    failure: (where, doing, end, signal) =>
      gitFailure(end, { ...context, where, doing, reason: signal?.reason }),
    cacheFailure: (error) => cacheFailure(error, cacheDir),
    simple: (directory) => localSimpleGit(directory, localEnv),
  }
  return command
}

function localSimpleGit(directory: string, env: Readonly<Record<string, string>>): SimpleGit {
  return simpleGit({
    baseDir: directory,
    allowEnvironment: Object.keys(env),
    // An exit code other than 0 is a failure, with or without output.
    errors: (error, { exitCode, stdErr }) =>
      error ??
      (exitCode === 0 ? undefined : Buffer.concat([...stdErr, Buffer.from(`exit code ${exitCode}`)])),
    unsafe: { allowUnsafeConfigPaths: true },
    // By default, a command without output takes 50 ms longer.
    completion: { onClose: true, onExit: false },
  }).env({ ...env })
}
