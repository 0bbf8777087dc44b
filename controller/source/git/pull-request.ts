import { type NamedCommit, noPullRequest } from '../git-source.ts'
import type { GitCommand } from './command.ts'

/** The refs for the head of a pull request: on GitHub and Gitea, GitLab, and Bitbucket Server. */
const PLACES = (number: number) => [
  `refs/pull/${number}/head`,
  `refs/merge-requests/${number}/head`,
  `refs/pull-requests/${number}/from`,
]

/** Runs one `ls-remote`. Throws `object_missing` if none of the refs exists. */
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
    eachAnswer: true,
    onOutput: (chunk) => (output += chunk.toString('latin1')),
  })
  if (end.code !== 0) throw git.failure('remote', 'find the pull request', end, signal)
  for (const line of output.split('\n')) {
    const [commit = '', ref = ''] = line.split('\t')
    // Patterns also match the end of a longer name.
    if (places.includes(ref) && /^[0-9a-f]{40,64}$/.test(commit)) return { ref, commit }
  }
  throw noPullRequest(number)
}
