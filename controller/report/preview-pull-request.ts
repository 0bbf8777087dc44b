import type { PassInput } from '../pass/pass-input.ts'
import { registryReads } from '../pass/registry-reads.ts'
import { noPullRequest } from '../source/git-source.ts'
import type { PullRequestPlan } from './pull-request-plan.ts'
import { planPullRequest } from './read-pull-request.ts'

/** Plans the merge of any pull request, without writing. Throws `object_missing` if it does not exist. */
export async function previewPullRequest(input: PassInput, number: number): Promise<PullRequestPlan> {
  const { source, git, signal } = input
  const head = await git.pullRequest?.(number, signal)
  if (head === undefined) throw noPullRequest(number)
  const listing = await git.listRefs(signal)
  const snapshot = await git.open({ ...listing, also: [head] }, signal)
  try {
    const registry = registryReads(input)
    return await planPullRequest({ source, listing, snapshot, pullRequest: number, head, registry })
  } finally {
    await snapshot.close()
  }
}
