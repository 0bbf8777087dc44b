import { z } from 'zod'
import { type NamedCommit, noPullRequest } from '../git-source.ts'
import type { GitHubApi } from './api.ts'
import { GitHubFailure, notUnderstood } from './errors.ts'
import { oidSchema } from './objects.ts'

const answerSchema = z.object({ head: z.object({ sha: oidSchema }) })

/** One request. Throws `object_missing` if the number does not exist. */
export async function pullRequest(
  api: GitHubApi,
  number: number,
  signal?: AbortSignal,
): Promise<NamedCommit> {
  if (!Number.isSafeInteger(number) || number < 1) throw noPullRequest(number)
  const parameters = { pull_number: String(number) }
  try {
    const answer = await api.get('pulls/{pull_number}', answerSchema, { parameters, signal })
    if (answer === 'unchanged') throw notUnderstood('a pull request without content')
    return { ref: `refs/pull/${number}/head`, commit: answer.data.head.sha }
  } catch (error) {
    throw error instanceof GitHubFailure && error.status === 404 ? noPullRequest(number) : error
  }
}
