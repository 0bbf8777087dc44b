import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exists } from '../../values/exists.ts'
import { sourceError } from '../source-error.ts'
import type { GitCommand } from './command.ts'

/**
 * Returns a check that throws `repository_incomplete` if the remote is a shallow clone on this machine. A shallow clone
 * does not know which releases are on the branch. Also, git before 2.45 fetches endlessly in a partial clone of a
 * shallow clone. Git is asked once for the file that makes a clone shallow.
 */
export function createShallowCheck(git: GitCommand): () => Promise<void> {
  if (git.remote.transport !== 'file') return async () => {}
  const { url } = git.remote
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  let marker: string | undefined
  return async () => {
    marker ??= await shallowFile(git, path)
    if (marker === undefined || !(await exists(marker))) return
    throw sourceError('repository_incomplete', `The repository ${path} is a shallow clone.`, {
      next: 'Run git fetch --unshallow in it, or use a clone with its full history.',
    })
  }
}

/** `undefined` if there is no repository, which the fetch reports. */
async function shallowFile(git: GitCommand, path: string): Promise<string | undefined> {
  let answer = ''
  const question = ['-C', path, 'rev-parse', '--git-path', 'shallow']
  const end = await git.end('local', question, { onOutput: (chunk) => (answer += chunk) })
  return end.code === 0 ? resolve(path, answer.replace(/\n$/, '')) : undefined
}
