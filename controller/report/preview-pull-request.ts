import type { PassInput } from '../pass/pass-input.ts'
import { readRows } from '../pass/registry-reads.ts'
import { noPullRequest } from '../source/git-source.ts'
import type { PullRequestPlan } from './pull-request-plan.ts'
import { planPullRequest } from './read-pull-request.ts'

/** What merging a pull request would do, whoever opened it; changes nothing. Throws `object_missing` where it is not there. */
export async function previewPullRequest(input: PassInput, number: number): Promise<PullRequestPlan> {
  const { source, git, signal } = input
  const head = await git.pullRequest?.(number, signal)
  if (head === undefined) throw noPullRequest(number)
  const listing = await git.listRefs(signal)
  const snapshot = await git.open({ ...listing, also: [head] }, signal)
  try {
    const rows = () => readRows(input)
    return await planPullRequest({ source, listing, snapshot, pullRequest: number, head, readRows: rows })
  } finally {
    await snapshot.close()
  }
}
