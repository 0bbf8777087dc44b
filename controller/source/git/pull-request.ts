import { type NamedCommit, noPullRequest, SourceError } from '../git-source.ts'
import type { GitCommand } from './command.ts'

/** Where hosts keep the head of a pull request: GitHub and Gitea, GitLab, Bitbucket's server. */
const PLACES = (number: number) => [
  `refs/pull/${number}/head`,
  `refs/merge-requests/${number}/head`,
  `refs/pull-requests/${number}/from`,
]

/** One `ls-remote`. Throws `object_missing` where none of the places is there. */
export async function pullRequest(
  git: GitCommand,
  number: number,
  signal?: AbortSignal,
): Promise<NamedCommit> {
  if (!Number.isSafeInteger(number) || number < 1) throw noPullRequest(number)
  const places = PLACES(number)
  let output = ''
  const end = await git.end('remote', ['ls-remote', '--', git.remote.url, ...places], {
    signal,
    onOutput: (chunk) => (output += chunk.toString('latin1')),
  })
  if (end.code !== 0) {
    const { message, cause } = git.failure('remote', 'look for the pull request', end, signal)
    throw new SourceError(signal?.aborted ? 'failed' : 'unreachable', message, { cause })
  }
  for (const line of output.split('\n')) {
    const [commit = '', ref = ''] = line.split('\t')
    // Patterns match the end of a name.
    if (places.includes(ref) && /^[0-9a-f]{40,64}$/.test(commit)) return { ref, commit }
  }
  throw noPullRequest(number)
}
