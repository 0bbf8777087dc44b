import { type SimpleGit, simpleGit } from 'simple-git'
import type { SourceError } from '../git-source.ts'
import { type Environment, localEnvironment, proxySecrets, remoteEnvironment } from './environment.ts'
import { gitFailure, type Scrub, scrubber, spawnFailure } from './errors.ts'
import { type ProcessEnd, type ProcessOptions, runProcess } from './process.ts'
import type { Remote } from './remote.ts'

/** Git as this adapter runs it: one place for environment, settings, time limit and scrubbing. */
export interface GitCommand {
  readonly remote: Remote
  readonly localEnv: Readonly<Record<string, string>>
  /** Runs git and gives how it ended, success or not. Throws `git_missing`. */
  end(where: 'local' | 'remote', args: readonly string[], options?: RunOptions): Promise<ProcessEnd>
  /** Runs git, which must succeed, or throws what `doing` could not be done. */
  run(where: 'local' | 'remote', doing: string, args: readonly string[], options?: RunOptions): Promise<void>
  failure(where: 'local' | 'remote', doing: string, end: ProcessEnd, signal?: AbortSignal): SourceError
  /**
   * simple-git for small local commands. Not for the remote: it ends git without its helpers, and its debug
   * output would print the environment, where credentials travel.
   */
  simple(directory: string): SimpleGit
}

export type RunOptions = Omit<ProcessOptions, 'env' | 'silenceMs'>

// Nothing that the user's own configuration says may run programs or change what a fetch brings.
const SETTINGS = [
  ...['core.hooksPath=/dev/null', 'core.askPass=', 'protocol.version=2'],
  ...['gc.auto=0', 'maintenance.auto=false', 'fetch.recurseSubmodules=false', 'fetch.writeCommitGraph=false'],
].flatMap((setting) => ['-c', setting])

export function createGitCommand(remote: Remote, env: Environment, silenceMs: number): GitCommand {
  const scrub: Scrub = scrubber([...remote.secrets, ...proxySecrets(env)])
  const localEnv = localEnvironment(env)
  const remoteEnv = remoteEnvironment(env, remote)

  const command: GitCommand = {
    remote,
    localEnv,
    async end(where, args, options = {}) {
      const limits = where === 'remote' ? { env: remoteEnv, silenceMs } : { env: localEnv }
      try {
        return await runProcess([...SETTINGS, ...args], { ...options, ...limits })
      } catch (error) {
        throw spawnFailure(error)
      }
    },
    async run(where, doing, args, options = {}) {
      const end = await command.end(where, args, options)
      if (end.code !== 0) throw command.failure(where, doing, end, options.signal)
    },
    failure: (where, doing, end, signal) => gitFailure(where, doing, end, scrub, signal?.reason),
    simple: (directory) => localSimpleGit(directory, localEnv),
  }
  return command
}

function localSimpleGit(directory: string, env: Readonly<Record<string, string>>): SimpleGit {
  return simpleGit({
    baseDir: directory,
    allowEnvironment: Object.keys(env),
    // An exit code other than 0 is a failure, whether git said something or not.
    errors: (error, { exitCode, stdErr }) =>
      error ??
      (exitCode === 0 ? undefined : Buffer.concat([...stdErr, Buffer.from(`exit code ${exitCode}`)])),
    unsafe: { allowUnsafeConfigPaths: true },
  }).env({ ...env })
}
