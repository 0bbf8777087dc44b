import type { Environment } from '../../../api/contract/index.ts'
import type { GitSnapshot } from '../git-source.ts'
import type { Oid } from '../oid.ts'
import { sourceError } from '../source-error.ts'
import { createGitCommand, type GitCommand } from './command.ts'
import { createObjectReader, type ObjectReader } from './object-reader.ts'
import { parseRemote } from './remote.ts'
import { GIT_TIMEOUTS } from './timeouts.ts'
import { createTreeReader } from './tree.ts'

/** A clone on this machine, as people and CI jobs have it: shallow or not. Errors are `SourceError`s. */
export interface Clone {
  /** The top folder. */
  readonly root: string
  readonly snapshot: Pick<GitSnapshot, 'tree' | 'blobs'>
  /** The commit of a revision such as `HEAD` or `v1.2.0`. Throws `object_missing`. */
  commitOf(revision: string): Promise<Oid>
  /** Stores a file that no commit has. */
  store(text: string): Promise<Oid>
  /** Pushes objects to refs of a remote, such as `origin`, with the clone's own credentials. */
  push(remote: string, refs: ReadonlyMap<string, Oid>): Promise<void>
  close(): Promise<void>
}

/** Refs per push, so that they fit into arguments. */
const PUSHED = 200

/** Throws `not_a_repository` if the folder is not in a clone, and `git_missing`. */
export async function openClone(folder: string, env: Environment, signal: AbortSignal): Promise<Clone> {
  const command = (address: string) =>
    createGitCommand({ remote: parseRemote(address), cacheDir: folder, env, timeouts: GIT_TIMEOUTS })
  const git = command(folder)
  const lines = async (...args: string[]) => {
    const { code, output } = await run(git, args, { signal })
    return code === 0 ? output.trimEnd().split('\n') : null
  }
  const [root, directory] =
    (await lines('-C', folder, 'rev-parse', '--show-toplevel', '--absolute-git-dir')) ?? []
  if (root === undefined || directory === undefined)
    throw sourceError('not_a_repository', `The folder ${folder} is not in a git repository.`, {
      next: 'Run the command in a clone.',
    })
  const reader = createObjectReader(git, directory)
  return {
    root,
    snapshot: {
      tree: createTreeReader({ git, directory, reader, signal }),
      blobs: (oids, maxBytes) => readBlobs(reader, oids, maxBytes),
    },
    async commitOf(revision) {
      const name = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
      const [commit] = (await lines('--git-dir', directory, ...name)) ?? []
      if (commit !== undefined) return commit
      throw sourceError('object_missing', `The clone has no commit "${revision}".`, {
        next: 'Check the name, and fetch it if the clone is shallow.',
      })
    },
    async store(text) {
      const args = ['--git-dir', directory, 'hash-object', '-w', '--stdin']
      const { output, ...end } = await run(git, args, { input: text, signal })
      if (end.code !== 0) throw git.failure('local', 'store the file', end, signal)
      return output.trim()
    },
    async push(remote, refs) {
      const [address] =
        (await lines('--git-dir', directory, 'remote', 'get-url', '--push', '--', remote)) ?? []
      if (address === undefined)
        throw sourceError('failed', `The clone has no remote "${remote}".`, {
          next: 'Name one of "git remote".',
        })
      const there = command(address)
      const specs = [...refs].map(([ref, oid]) => `${oid}:${ref}`)
      for (let at = 0; at < specs.length; at += PUSHED) {
        const args = ['--git-dir', directory, 'push', '--quiet', '--', there.remote.url]
        await there.run('remote', 'push', [...args, ...specs.slice(at, at + PUSHED)], { signal })
      }
    },
    close: () => reader.close(),
  }
}

async function run(
  git: GitCommand,
  args: readonly string[],
  options: { readonly input?: string; readonly signal: AbortSignal },
) {
  let output = ''
  const end = await git.end('local', args, { ...options, onOutput: (chunk) => (output += chunk) })
  return { ...end, output }
}

async function* readBlobs(
  reader: ObjectReader,
  oids: Iterable<Oid>,
  maxBytes: number,
): ReturnType<GitSnapshot['blobs']> {
  for (const oid of new Set(oids)) {
    const info = await reader.info(oid)
    if (info !== undefined && info.size > maxBytes) yield { oid, tooLarge: info.size }
    else {
      const object = await reader.read(oid)
      if (object?.type !== 'blob')
        throw sourceError('object_missing', `The clone has no file with the content ${oid}.`, { object: oid })
      yield { oid, bytes: object.bytes }
    }
  }
}
